// What was earned, how full it was, and how long before people book: a chart and a table of each.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId, useMemo } from "preact/hooks";
import { lazy } from "preact-iso";

import { addDays, noonOf } from "../calendar";
import { Facts } from "../ui/bits";
import type { Chart } from "../ui/chart";
import { Empty, everything, Show, useLoad } from "../ui/load";
import { money } from "../ui/money";
import { client, ok, type Schemas } from "../ui/problem";
import { counted, dayIn } from "../words";
import { fullest, leadShort, leadWords, mostPoints, points, secondsOf, type Point } from "./series";
import { zone } from "./session";

const ChartView = lazy(() => import("../ui/chart"));

const ranges = [
  [30, "30 days"],
  [90, "90 days"],
  [365, "A year"],
] as const;

const locale = navigator.language;
const dayWords = (date: string): string => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(noonOf(date));
const short = new Intl.NumberFormat(locale, { notation: "compact" });
const percent = (value: number | null): string => (value === null ? "–" : `${Math.round(value)} %`);

/** A chart with what it shows in numbers below. */
function Figure({ title, sum, chart, label, head, rows }: { title: string; sum: string; chart: Chart; label: string; head: string[]; rows: string[][] }): VNode {
  return (
    <section class="card trend">
      <h2>
        {title} <span class="amount">{sum}</span>
      </h2>
      <ChartView chart={chart} label={label} />
      <details>
        <summary>As a table</summary>
        <div class="numbers" tabIndex={0} role="group" aria-label={`${title}, as a table`}>
          <table>
            <caption class="sr">{title}</caption>
            <thead>
              <tr>
                {head.map((one, i) => (
                  <th scope="col" key={one} class={i > 0 ? "number" : ""}>
                    {one}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([first, ...rest]) => (
                <tr key={first}>
                  <th scope="row">{first}</th>
                  {rest.map((cell, i) => (
                    <td key={i} class="number">
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}

function Figures({ found }: { found: Schemas["InsightDays"] }): VNode {
  const { currency, totals, leadTimes } = found;
  const all = useMemo(() => points(found.days), [found]);
  const step = found.days.length > mostPoints ? "Week from" : "Day";
  const charts = useMemo((): Record<"revenue" | "occupancy" | "lead", Chart> => {
    const at = all.map(({ date }) => secondsOf(date));
    return {
      revenue: { at, values: all.map(({ revenueCents }) => revenueCents), kind: "bars", words: (cents) => money(Math.round(cents), currency) },
      occupancy: { at, values: all.map(({ occupancyPct }) => occupancyPct), kind: "line", words: percent, most: fullest(all) },
      lead: { at: leadTimes.map((_, i) => i), values: leadTimes.map(({ bookings }) => bookings), names: leadTimes.map(leadShort), kind: "bars", words: (count) => (Number.isInteger(count) ? short.format(count) : "") },
    };
  }, [all]);
  const best = all.reduce<Point | null>((most, one) => (one.revenueCents > (most?.revenueCents ?? 0) ? one : most), null);
  const lead = totals.averageLeadHours;
  if (totals.bookings === 0 && totals.cancelled === 0)
    return (
      <Empty title="No bookings in this time">
        <p>
          Choose a longer time, or see to it that something can be booked: <a href="/provider/availability">your opening hours</a>
        </p>
      </Empty>
    );
  return (
    <>
      <section class="card">
        <Facts
          facts={[
            ["Earned", <strong>{money(totals.revenueCents, currency)}</strong>],
            ["Bookings", totals.bookings],
            ["Cancelled", totals.cancelled],
            ["Taken of what was open", percent(totals.occupancyPct)],
            ["Booked ahead, on average", lead === null ? "–" : lead < 48 ? `${Math.round(lead)} hours` : `${Math.round(lead / 24)} days`],
          ]}
        />
        {totals.otherCurrencyBookings > 0 && <p class="hint">{counted(totals.otherCurrencyBookings, "booking")} in other currencies {totals.otherCurrencyBookings === 1 ? "is" : "are"} not in the revenue.</p>}
      </section>
      <Figure
        title="Revenue"
        sum={money(totals.revenueCents, currency)}
        chart={charts.revenue}
        label={`Revenue, ${money(totals.revenueCents, currency)} in all${best ? `, most on ${dayWords(best.date)}: ${money(best.revenueCents, currency)}` : ""}`}
        head={[step, "Revenue", "Bookings", "Cancelled"]}
        rows={all.map((one) => [dayWords(one.date), money(one.revenueCents, currency), String(one.bookings), String(one.cancelled)])}
      />
      <Figure
        title="Occupancy"
        sum={percent(totals.occupancyPct)}
        chart={charts.occupancy}
        label={`Occupancy, ${percent(totals.occupancyPct)} of all open hours`}
        head={[step, "Taken"]}
        rows={all.map((one) => [dayWords(one.date), percent(one.occupancyPct)])}
      />
      <Figure
        title="How long before"
        sum=""
        chart={charts.lead}
        label={`How long before customers book: ${leadTimes.map((one) => `${leadWords(one)}: ${one.bookings}`).join(", ")}`}
        head={["Before the start", "Bookings"]}
        rows={leadTimes.map((one) => [leadWords(one), String(one.bookings)])}
      />
    </>
  );
}

export function Trends(): VNode {
  const days = useSignal(30);
  const offering = useSignal("");
  const id = useId();
  const offerings = useLoad(() => everything((page) => ok(client.GET("/v1/api/offerings", { params: { query: { status: "ALL", ...page } } }))));
  const found = useLoad(() => {
    const to = dayIn(zone(), Date.now());
    const query = { from: addDays(to, 1 - days.value), to, ...(offering.value && { offeringId: offering.value }) };
    return ok(client.GET("/v1/provider/insights/days", { params: { query } }));
  }, [days.value, offering.value]);
  return (
    <>
      <div class="filters" role="group" aria-label="What is shown">
        <label class="sr" for={`${id}-days`}>
          How long
        </label>
        <select id={`${id}-days`} value={days.value} onChange={(e) => (days.value = Number(e.currentTarget.value))}>
          {ranges.map(([count, words]) => (
            <option key={count} value={count}>
              {words}
            </option>
          ))}
        </select>
        <label class="sr" for={`${id}-offering`}>
          Offering
        </label>
        <select id={`${id}-offering`} value={offering.value} onChange={(e) => (offering.value = e.currentTarget.value)}>
          <option value="">All offerings</option>
          {(offerings.data ?? []).map((one) => (
            <option key={one.id} value={one.id}>
              {one.title}
            </option>
          ))}
        </select>
      </div>
      <Show of={found} rows={6}>
        {(days) => <Figures found={days} />}
      </Show>
    </>
  );
}
