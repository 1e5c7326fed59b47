// How the business does: the score, what it is made of, and which lever to pull.

import type { VNode } from "preact";

import { Facts, Heading } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { Show, useLoad } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";
import { attempt } from "../../ui/toast";
import { mayEdit, zone } from "../session";
import { Trends } from "../trends";

type Insights = Schemas["Insights"];

const percent = (share: number | null): string => (share === null ? "not known yet" : `${Math.round(share * 100)} %`);

const levers: Record<NonNullable<Insights["whatWouldRaiseItMost"]>["lever"], string> = {
  RATING: "Better ratings. Answer reviews, and ask customers whose booking went well to write one.",
  RESPONSE_RATE: "Quicker answers. Approve or decline each booking within 24 hours, or let offerings confirm by themselves.",
  CONFIRMATION_RATE: "More confirmations. Close the times you would decline, so that nobody asks for them.",
};

function Part({ title, value, share, weight, words }: { title: string; value: string; share: number; weight: number; words: string }): VNode {
  return (
    <tr>
      <th scope="row">
        {title}
        <p class="quiet">{words}</p>
      </th>
      <td>{value}</td>
      <td>
        <meter min={0} max={1} value={share} aria-label={`${title}: ${Math.round(share * 100)} %`} />
      </td>
      <td class="number">{(weight * share).toFixed(2)} of {weight.toFixed(1)}</td>
    </tr>
  );
}

export default function InsightsPage(): VNode {
  const found = useLoad(() => ok(client.GET("/v1/provider/insights")));
  return (
    <>
      <Heading title="Insights" intro="The score decides where you stand in the marketplace. It is worked out every night.">
        {mayEdit() && (
          <button
            type="button"
            class="second"
            onClick={async () => {
              if (await attempt(() => ok(client.POST("/v1/provider/insights", { body: {} })), "Worked out anew.")) await found.again();
            }}
          >
            Work it out now
          </button>
        )}
      </Heading>
      <Show of={found} rows={6}>
        {(insights) => (
          <>
            <section class="card figure">
              <p class="big">{insights.score.toFixed(2)}</p>
              <div>
                <h2>Your score, of 1</h2>
                <p class="quiet">
                  Worked out <Ago at={insights.computedAt} zone={zone()} />.
                </p>
              </div>
            </section>
            {insights.whatWouldRaiseItMost && (
              <p class="note wait">
                <strong>What would raise it most, by {insights.whatWouldRaiseItMost.gain.toFixed(2)}:</strong> {levers[insights.whatWouldRaiseItMost.lever]}
              </p>
            )}
            <section class="card">
              <h2>What it is made of</h2>
              <table class="parts">
                <caption class="sr">The three parts of the score</caption>
                <thead>
                  <tr>
                    <th scope="col">Part</th>
                    <th scope="col">Yours</th>
                    <th scope="col">Of what can be had</th>
                    <th scope="col" class="number">Adds</th>
                  </tr>
                </thead>
                <tbody>
                  <Part title="Ratings" value={insights.ratingAverage === null ? "none yet" : `${insights.ratingAverage.toFixed(2)} of 5`} share={(insights.ratingAverage ?? 0) / 5} weight={0.5} words={`${insights.ratingCount} in 90 days`} />
                  <Part title="Response rate" value={percent(insights.responseRate)} share={insights.responseRate ?? 0} weight={0.3} words={`${insights.decidedWithin24h} of ${insights.pendingCount} decided within 24 hours`} />
                  <Part title="Confirmation rate" value={percent(insights.confirmationRate)} share={insights.confirmationRate ?? 0} weight={0.2} words={`${insights.confirmedCount} of ${insights.decidedCount} confirmed`} />
                </tbody>
              </table>
              <Facts facts={[["Counted over", "90 days"]]} />
            </section>
          </>
        )}
      </Show>
      <Trends />
    </>
  );
}
