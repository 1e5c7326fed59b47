// Businesses that wait to be verified, the oldest first.

import type { VNode } from "preact";

import { Heading, State } from "../ui/bits";
import { Ago } from "../ui/dates";
import { Empty } from "../ui/load";
import { client, ok, type Schemas } from "../ui/problem";
import { Filters, Table, useFilters, useRows } from "../ui/table";

const filters = [{ name: "status", label: "Status", options: [["PENDING", "Waiting"], ["VERIFIED", "Verified"], ["REJECTED", "Rejected"]] as const }] as const;

export default function Queue(): VNode {
  const [values] = useFilters(filters);
  const rows = useRows((cursor) => ok(client.GET("/v1/admin/kyb", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })), [JSON.stringify(values)]);
  return (
    <>
      <Heading title="Verification" intro="Look at the documents, then say yes, or no and why." />
      <Filters filters={filters} />
      <Table<Schemas["KybCase"]>
        caption="Submissions"
        rows={rows}
        idOf={({ submission }) => submission.id}
        filtered={Object.keys(values).length > 0}
        empty={<Empty title="Nobody waits" />}
        columns={[
          {
            title: "Business",
            main: true,
            cell: ({ tenantId, submission }) => <a href={`/admin/kyb/${tenantId}/${submission.id}`}>{submission.legalName}</a>,
          },
          { title: "Country", cell: ({ submission }) => submission.country },
          { title: "Documents", number: true, cell: ({ submission }) => submission.documents.length },
          { title: "Status", cell: ({ submission }) => <State of={submission.status} /> },
          { title: "Sent", cell: ({ submission }) => <Ago at={submission.createdAt} zone="UTC" /> },
        ]}
      />
    </>
  );
}
