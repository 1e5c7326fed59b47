// What is for sale.

import type { VNode } from "preact";
import { useLocation } from "preact-iso";

import { Heading, plain, State } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { confirmed } from "../../ui/dialog";
import { Empty } from "../../ui/load";
import { decimalsOf, money } from "../../ui/money";
import { client, ok, type Schemas } from "../../ui/problem";
import { Filters, Table, useFilters, useRows } from "../../ui/table";
import { say } from "../../ui/toast";
import { mayEdit, zone } from "../session";

type Offering = Schemas["Offering"];

const filters = [
  { name: "q", label: "Search" },
  { name: "status", label: "Status", options: ["DRAFT", "PUBLISHED", "ARCHIVED"].map((one) => [one, plain(one)] as const) },
] as const;

const units: Record<Offering["pricingModel"], string> = { HOURLY: "an hour", DAILY: "a day", ONE_TIME: "each", SUBSCRIPTION: "each time" };

async function setAll(offerings: Offering[], status: "PUBLISHED" | "DRAFT" | "ARCHIVED"): Promise<void> {
  let failed = 0;
  for (const { id } of offerings)
    try {
      await ok(client.PATCH("/v1/api/offerings/{id}", { params: { path: { id } }, body: { status } }));
    } catch {
      ++failed;
    }
  say(failed > 0 ? `${failed} of ${offerings.length} could not be changed.` : `${offerings.length} changed.`, failed > 0);
}

export default function Offerings(): VNode {
  const [values] = useFilters(filters);
  const { route } = useLocation();
  const rows = useRows(
    (cursor) => ok(client.GET("/v1/api/offerings", { params: { query: { status: "ALL", ...values, ...(cursor && { cursor }) } as never } })),
    [JSON.stringify(values)],
  );
  const create = mayEdit() && (
    <button type="button" onClick={() => route("/provider/offerings/new")}>
      New offering
    </button>
  );
  return (
    <>
      <Heading title="Offerings" intro="Rooms, rides, classes, equipment: what customers can book.">
        {create}
      </Heading>
      <Filters filters={filters} />
      <Table<Offering>
        caption="Offerings"
        rows={rows}
        idOf={({ id }) => id}
        filtered={Object.keys(values).length > 0}
        empty={
          <Empty title="Nothing is for sale yet">
            <p>Make the first offering as a draft, and publish it once its times are set.</p>
            {create}
          </Empty>
        }
        {...(mayEdit() && {
          bulk: [
            {
              label: "Publish",
              fits: ({ status }: Offering) => status === "DRAFT",
              act: async (chosen: Offering[]) => {
                await setAll(chosen, "PUBLISHED");
                await rows.load();
              },
            },
            {
              label: "Back to draft",
              fits: ({ status }: Offering) => status === "PUBLISHED",
              act: async (chosen: Offering[]) => {
                await setAll(chosen, "DRAFT");
                await rows.load();
              },
            },
            {
              label: "Archive …",
              fits: ({ status }: Offering) => status !== "ARCHIVED",
              act: async (chosen: Offering[]) => {
                const what = chosen.length === 1 ? chosen[0]!.title : `these ${chosen.length} offerings`;
                if (!(await confirmed(`Archive ${what}?`, "Customers don't find them any more. Bookings stay.", "Archive"))) return false;
                await setAll(chosen, "ARCHIVED");
                await rows.load();
                return true;
              },
            },
          ],
        })}
        columns={[
          { title: "Title", main: true, cell: ({ id, title }) => <a href={`/provider/offerings/${id}`}>{title}</a>, by: ({ title }) => title },
          { title: "Status", cell: ({ status }) => <State of={status} />, by: ({ status }) => status },
          { title: "Type", cell: ({ productTypeKey }) => plain(productTypeKey.toUpperCase()), by: ({ productTypeKey }) => productTypeKey },
          { title: "Price", number: true, cell: ({ basePriceCents, currency, pricingModel }) => `${money(basePriceCents, currency)} ${units[pricingModel]}`, by: ({ basePriceCents, currency }) => basePriceCents / 10 ** decimalsOf(currency) },
          { title: "Rating", cell: ({ ratingAverage, reviewCount }) => (ratingAverage === null ? <span class="quiet">none</span> : `${ratingAverage.toFixed(1)} (${reviewCount})`), by: ({ ratingAverage }) => ratingAverage },
          { title: "Changed", cell: ({ updatedAt }) => <Ago at={updatedAt} zone={zone()} />, by: ({ updatedAt }) => updatedAt },
        ]}
      />
    </>
  );
}
