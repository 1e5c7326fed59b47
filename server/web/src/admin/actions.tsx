// What admins did.

import type { VNode } from "preact";

import { Heading } from "../ui/bits";
import { when } from "../ui/dates";
import { Empty } from "../ui/load";
import { client, ok, type Schemas } from "../ui/problem";
import { Filters, Table, useFilters, useRows } from "../ui/table";

const filters = [
  { name: "action", label: "Action, such as tenant.suspend" },
  { name: "tenantId", label: "Id of a business" },
] as const;

export default function Actions(): VNode {
  const [values] = useFilters(filters);
  const rows = useRows((cursor) => ok(client.GET("/v1/admin/actions", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })), [JSON.stringify(values)]);
  return (
    <>
      <Heading title="Log" intro="Everything that admins did, reading included. It can't be altered." />
      <Filters filters={filters} />
      <Table<Schemas["AdminAction"]>
        caption="What admins did"
        rows={rows}
        idOf={({ id }) => id}
        filtered={Object.keys(values).length > 0}
        empty={<Empty title="Nothing was done yet" />}
        columns={[
          { title: "Action", main: true, cell: ({ action }) => <code>{action}</code> },
          { title: "When", cell: ({ at }) => `${when(at, "UTC")} UTC` },
          { title: "Admin", cell: ({ adminId }) => (adminId ? <code>{adminId}</code> : "the command line") },
          { title: "Business", cell: ({ tenantId }) => tenantId && <code>{tenantId}</code> },
          { title: "What", cell: ({ subject }) => <code>{subject}</code> },
          { title: "Detail", cell: ({ detail }) => detail },
        ]}
      />
    </>
  );
}
