// Bookings: a table, and a week.

import type { VNode } from "preact";

import { Heading, plain, State, Tabs } from "../../ui/bits";
import { Ago, span } from "../../ui/dates";
import { Empty } from "../../ui/load";
import { Menu } from "../../ui/menu";
import { decimalsOf, money } from "../../ui/money";
import { client, ok, type Schemas } from "../../ui/problem";
import { Filters, Table, useFilters, useRows } from "../../ui/table";
import { say } from "../../ui/toast";
import { cancel, decide, decideAll } from "../bookings";
import { session, zone } from "../session";
import { Week } from "../week";

type Booking = Schemas["Booking"];

const filters = [
  { name: "status", label: "Status", options: ["PENDING", "CONFIRMED", "COMPLETED", "CANCELLED", "REFUNDED"].map((one) => [one, plain(one)] as const) },
  { name: "riskReviewStatus", label: "Risk review", options: ["PENDING", "APPROVED", "REJECTED"].map((one) => [one, plain(one)] as const) },
] as const;

function List(): VNode {
  const [values] = useFilters(filters);
  const rows = useRows(
    (cursor) => ok(client.GET("/v1/provider/bookings", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })),
    [JSON.stringify(values)],
  );
  const after = async (done: Promise<boolean>): Promise<void> => {
    if (await done) await rows.load();
  };
  return (
    <>
      <Filters filters={filters} />
      <Table<Booking>
        caption="Bookings"
        rows={rows}
        idOf={({ id }) => id}
        filtered={Object.keys(values).length > 0}
        empty={
          <Empty title="No bookings yet">
            <p>
              Customers book at <a href={session.value!.storefrontUrl}>your storefront</a>, or by the <a href="/provider/embed">widget</a> on your own site.
            </p>
          </Empty>
        }
        bulk={(["approve", "decline"] as const).map((decision) => ({
          label: decision === "approve" ? "Approve" : "Decline …",
          fits: ({ status, riskReviewStatus }: Booking) => status === "PENDING" && (decision === "decline" || riskReviewStatus !== "PENDING"), // a risk is looked at one by one
          act: async (chosen: Booking[]) => {
            const done = await decideAll(chosen, decision);
            if (done) await rows.load();
            return done;
          },
        }))}
        columns={[
          {
            title: "What",
            main: true,
            cell: ({ id, items }) => <a href={`/provider/bookings/${id}`}>{items[0]?.offeringTitle ?? id}</a>,
            by: ({ items }) => items[0]?.offeringTitle ?? null,
          },
          { title: "When", cell: ({ items }) => items[0] && span(items[0].startsAt, items[0].endsAt, zone()), by: ({ items }) => (items[0] ? Date.parse(items[0].startsAt) : null) },
          { title: "Customer", cell: ({ customer }) => customer.name, by: ({ customer }) => customer.name },
          { title: "Total", number: true, cell: ({ totalCents, currency }) => money(totalCents, currency), by: ({ totalCents, currency }) => totalCents / 10 ** decimalsOf(currency) },
          {
            title: "Status",
            cell: ({ status, riskReviewStatus }) => (
              <>
                <State of={status} /> {riskReviewStatus === "PENDING" && <State of="PENDING" words="Held for risk" />}
              </>
            ),
          },
          { title: "Booked", cell: ({ createdAt }) => <Ago at={createdAt} zone={zone()} />, by: ({ createdAt }) => createdAt },
          {
            title: "",
            cell: (booking) => (
              <Menu
                label={`Actions for ${booking.customer.name}`}
                actions={[
                  booking.status === "PENDING" && booking.riskReviewStatus !== "PENDING" && { label: "Approve", act: () => void after(decide(booking, "approve")) },
                  booking.status === "PENDING" && { label: "Decline", danger: true, act: () => void after(decide(booking, "decline")) },
                  (booking.status === "PENDING" || booking.status === "CONFIRMED") && { label: "Cancel …", danger: true, act: () => void after(cancel(booking)) },
                  {
                    label: "Copy its id",
                    act: () => void navigator.clipboard.writeText(booking.id).then(() => say("Copied.")),
                  },
                ]}
              />
            ),
          },
        ]}
      />
    </>
  );
}

export default function Bookings(): VNode {
  return (
    <>
      <Heading title="Bookings" intro="What customers have booked, and what waits for you." />
      <Tabs label="How bookings are shown" tabs={[["Table", () => <List />], ["Week", () => <Week />]]} />
    </>
  );
}
