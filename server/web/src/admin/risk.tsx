// Bookings of all businesses that are held for their risk. Each business decides on its own.

import type { VNode } from "preact";

import { Heading, plain } from "../ui/bits";
import { Ago } from "../ui/dates";
import { Empty } from "../ui/load";
import { money } from "../ui/money";
import { client, ok, type Schemas } from "../ui/problem";
import { Table, useRows } from "../ui/table";

export default function Risk(): VNode {
  const rows = useRows((cursor) => ok(client.GET("/v1/admin/risk", { params: { query: { ...(cursor && { cursor }) } } })));
  return (
    <>
      <Heading title="Risk" intro="Bookings that are held until their business has looked at them. Who booked is for that business alone." />
      <Table<Schemas["HeldBooking"]>
        caption="Bookings held for their risk"
        rows={rows}
        idOf={({ id }) => id}
        empty={<Empty title="No booking is held" />}
        columns={[
          { title: "Why", main: true, cell: ({ signals }) => signals.map((one) => plain(one.toUpperCase())).join(", ") },
          { title: "Score", number: true, cell: ({ riskScore }) => riskScore, by: ({ riskScore }) => riskScore },
          { title: "Total", number: true, cell: ({ totalCents, currency }) => money(totalCents, currency) },
          { title: "Source", cell: ({ source }) => source },
          { title: "Business", cell: ({ tenantId }) => <code class="quiet">{tenantId}</code>, by: ({ tenantId }) => tenantId },
          { title: "Booked", cell: ({ createdAt }) => <Ago at={createdAt} zone="UTC" />, by: ({ createdAt }) => createdAt },
        ]}
      />
    </>
  );
}
