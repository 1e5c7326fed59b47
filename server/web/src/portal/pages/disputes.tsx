// Bookings that are argued about.

import type { VNode } from "preact";

import { Heading, plain, State } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { Empty } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";
import { Filters, Table, useFilters, useRows } from "../../ui/table";
import { zone } from "../session";

const filters = [{ name: "status", label: "Status", options: ["OPEN", "ESCALATED", "RESOLVED", "WITHDRAWN"].map((one) => [one, plain(one)] as const) }] as const;

export default function Disputes(): VNode {
  const [values] = useFilters(filters);
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/disputes", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })), [JSON.stringify(values)]);
  return (
    <>
      <Heading title="Disputes" intro="Answer soon: most end with a friendly word. What you can't settle goes to the platform." />
      <Filters filters={filters} />
      <Table<Schemas["Dispute"]>
        caption="Disputes"
        rows={rows}
        idOf={({ id }) => id}
        filtered={Object.keys(values).length > 0}
        empty={<Empty title="No disputes" />}
        columns={[
          { title: "About", main: true, cell: ({ id, offeringTitle }) => <a href={`/provider/disputes/${id}`}>{offeringTitle}</a> },
          { title: "Why", cell: ({ category }) => plain(category) },
          { title: "Status", cell: ({ status }) => <State of={status} /> },
          { title: "Opened by", cell: ({ openedBy }) => plain(openedBy) },
          { title: "Last change", cell: ({ updatedAt }) => <Ago at={updatedAt} zone={zone()} /> },
        ]}
      />
    </>
  );
}
