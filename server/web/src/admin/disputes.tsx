// Disputes of all businesses; those that were handed over come first to mind.

import type { VNode } from "preact";

import { Heading, plain, State } from "../ui/bits";
import { Ago } from "../ui/dates";
import { Empty } from "../ui/load";
import { client, ok, type Schemas } from "../ui/problem";
import { Filters, Table, useFilters, useRows } from "../ui/table";

const filters = [{ name: "status", label: "Status", options: ["ESCALATED", "OPEN", "RESOLVED", "WITHDRAWN"].map((one) => [one, plain(one)] as const) }] as const;

export default function Disputes(): VNode {
  const [values] = useFilters(filters);
  const rows = useRows((cursor) => ok(client.GET("/v1/admin/disputes", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })), [JSON.stringify(values)]);
  return (
    <>
      <Heading title="Disputes" intro="Reading one is written into the log of its business." />
      <Filters filters={filters} />
      <Table<Schemas["DisputeRow"]>
        caption="Disputes"
        rows={rows}
        idOf={({ dispute }) => dispute.id}
        filtered={Object.keys(values).length > 0}
        empty={<Empty title="No disputes" />}
        columns={[
          {
            title: "Why",
            main: true,
            cell: ({ tenantId, dispute }) => <a href={`/admin/disputes/${tenantId}/${dispute.id}`}>{plain(dispute.category)}</a>,
          },
          { title: "Status", cell: ({ dispute }) => <State of={dispute.status} /> },
          { title: "Opened by", cell: ({ dispute }) => plain(dispute.openedBy) },
          { title: "Business", cell: ({ tenantId }) => <code class="quiet">{tenantId}</code> },
          { title: "Last change", cell: ({ dispute }) => <Ago at={dispute.updatedAt} zone="UTC" /> },
        ]}
      />
    </>
  );
}
