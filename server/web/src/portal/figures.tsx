// The last thirty days at a glance.

import type { VNode } from "preact";

import { addDays } from "../calendar";
import { useLoad } from "../ui/load";
import { money } from "../ui/money";
import { client, ok } from "../ui/problem";
import { dayIn } from "../words";
import { zone } from "./session";

/** Nothing while there is nothing to say; a home page is no place for its troubles. */
export function Figures(): VNode | null {
  const found = useLoad(async () => {
    const to = dayIn(zone(), Date.now());
    const [days, insights] = await Promise.all([
      ok(client.GET("/v1/provider/insights/days", { params: { query: { from: addDays(to, -29), to } } })),
      ok(client.GET("/v1/provider/insights")),
    ]);
    return { ...days, score: insights.score };
  });
  if (!found.data || found.data.totals.bookings === 0) return null;
  const { totals, currency, score } = found.data;
  return (
    <section aria-label="The last 30 days" class="figures">
      <dl>
        <div>
          <dt>Earned in 30 days</dt>
          <dd>{money(totals.revenueCents, currency)}</dd>
        </div>
        <div>
          <dt>Bookings</dt>
          <dd>{totals.bookings}</dd>
        </div>
        {totals.occupancyPct !== null && (
          <div>
            <dt>Taken of what was open</dt>
            <dd>{totals.occupancyPct} %</dd>
          </div>
        )}
        <div>
          <dt>Your score, of 1</dt>
          <dd>{score.toFixed(2)}</dd>
        </div>
      </dl>
      <a href="/provider/insights">Insights</a>
    </section>
  );
}
