// Who did what.

import type { VNode } from "preact";

import { Heading, plain } from "../../ui/bits";
import { when } from "../../ui/dates";
import { Empty } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";
import { Filters, Table, useFilters, useRows } from "../../ui/table";
import { actorWords } from "../log-words";
import { zone } from "../session";

const filters = [
  { name: "actor", label: "Who", options: ["MEMBER", "KEY", "CUSTOMER", "VISITOR", "GATEWAY", "WORKER", "ADMIN", "HOST"].map((one) => [one, plain(one)] as const) },
  { name: "action", label: "Action, such as booking.cancel" },
  { name: "subject", label: "Id of what it was done to" },
] as const;

export default function Audit(): VNode {
  const [values] = useFilters(filters);
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/audit", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })), [JSON.stringify(values)]);
  return (
    <>
      <Heading title="Audit log" intro="Everything that was changed, and by whom. It can't be altered." />
      <Filters filters={filters} />
      <Table<Schemas["AuditEntry"]>
        caption="Audit log"
        rows={rows}
        idOf={({ id }) => id}
        filtered={Object.keys(values).length > 0}
        empty={<Empty title="Nothing has happened yet" />}
        columns={[
          { title: "Action", main: true, cell: ({ action }) => <code>{action}</code> },
          { title: "When", cell: ({ at }) => when(at, zone()) },
          {
            title: "Who",
            cell: ({ actor, actorId }) => (
              <span title={actorWords(actor)}>
                {plain(actor)} {actorId && <code class="quiet">{actorId}</code>}
              </span>
            ),
          },
          { title: "What", cell: ({ subject }) => <code>{subject}</code> },
          { title: "Detail", cell: ({ detail }) => detail },
        ]}
      />
    </>
  );
}
