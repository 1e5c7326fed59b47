// What is on today, what waits for a decision, and what is still to be set up.

import type { VNode } from "preact";

import { Heading, State } from "../../ui/bits";
import { addDays } from "../../calendar";
import { span } from "../../ui/dates";
import { Show, useLoad } from "../../ui/load";
import { money } from "../../ui/money";
import { client, ok, type Schemas } from "../../ui/problem";
import { dayIn } from "../../words";
import { bookingsOn } from "../bookings-on";
import { decide } from "../bookings";
import { Figures } from "../figures";
import { session, zone } from "../session";

type Booking = Schemas["Booking"];

const some = { limit: 1 } as const;

/** The reference's way of a provider, as far as it can be seen from here. */
async function steps(): Promise<(readonly [string, string, boolean])[]> {
  const who = session.value!;
  const [branding, kyb, offerings, coupons, bookings, keys, webhooks, disputes, reviews, insights, members] = await Promise.all([
    ok(client.GET("/v1/provider/branding")),
    ok(client.GET("/v1/provider/kyb")),
    ok(client.GET("/v1/api/offerings", { params: { query: { status: "ALL", limit: 20 } } })),
    ok(client.GET("/v1/api/coupons", { params: { query: some } })),
    ok(client.GET("/v1/provider/bookings", { params: { query: some } })),
    ok(client.GET("/v1/provider/api-keys", { params: { query: some } })),
    ok(client.GET("/v1/provider/webhooks", { params: { query: some } })),
    ok(client.GET("/v1/provider/disputes", { params: { query: { ...some, status: "OPEN" } } })),
    ok(client.GET("/v1/provider/reviews", { params: { query: { ...some, replied: false } } })),
    ok(client.GET("/v1/provider/insights")),
    ok(client.GET("/v1/provider/members", { params: { query: { limit: 2 } } })),
  ]);
  const rules = await Promise.all(
    offerings.data.slice(0, 5).map(({ id }) => ok(client.GET("/v1/provider/offerings/{id}/availability/rules", { params: { path: { id }, query: some } }))),
  );
  return [
    ["Open your business", "/provider/settings", who.member.emailVerified],
    ["Choose how your storefront looks", "/provider/branding", !!(branding.logoUrl || branding.brandColor || branding.tagline)],
    ["Send your documents", "/provider/kyb", kyb.status !== "NONE" && kyb.status !== "REJECTED"],
    ["Publish what you sell", "/provider/offerings", offerings.data.some(({ status }) => status === "PUBLISHED")],
    ["Say when it can be booked", "/provider/availability", rules.some(({ data }) => data.length > 0)],
    ["Make a coupon", "/provider/coupons", coupons.data.length > 0],
    ["Take a booking", "/provider/bookings", bookings.data.length > 0],
    ["Connect your own systems", "/provider/api-keys", keys.data.length > 0 || webhooks.data.length > 0],
    ["Answer disputes and reviews", "/provider/reviews", bookings.data.length > 0 && disputes.data.length === 0 && reviews.data.length === 0],
    ["Read how you do", "/provider/insights", insights.decidedCount > 0],
    ["Invite your team", "/provider/members", members.data.length > 1],
  ];
}

function Line({ booking, again }: { booking: Booking; again?: () => void }): VNode {
  const item = booking.items[0];
  return (
    <li>
      <div>
        <a href={`/provider/bookings/${booking.id}`}>
          <strong>{item?.offeringTitle}</strong>
        </a>
        <span class="quiet">
          {booking.customer.name} · {item && span(item.startsAt, item.endsAt, zone())}
        </span>
      </div>
      <span class="right">
        <span class="amount">{money(booking.totalCents, booking.currency)}</span>
        {again && booking.riskReviewStatus === "PENDING" ? (
          <State of="PENDING" words="Held for risk" />
        ) : again ? (
          <button type="button" class="second" onClick={async () => (await decide(booking, "approve")) && again()}>
            Approve
          </button>
        ) : (
          <State of={booking.status} />
        )}
      </span>
    </li>
  );
}

export default function Home(): VNode {
  const today = useLoad(async () => {
    const day = dayIn(zone(), Date.now());
    return (await bookingsOn(day, addDays(day, 1))).filter(({ status }) => status === "CONFIRMED" || status === "COMPLETED" || status === "PENDING");
  });
  const pending = useLoad(async () => (await ok(client.GET("/v1/provider/bookings", { params: { query: { status: "PENDING", limit: 5 } } }))).data);
  const alerts = useLoad(async () => {
    const [disputes, held, webhooks] = await Promise.all([
      ok(client.GET("/v1/provider/disputes", { params: { query: { status: "OPEN", limit: 20 } } })),
      ok(client.GET("/v1/provider/bookings", { params: { query: { riskReviewStatus: "PENDING", limit: 20 } } })),
      ok(client.GET("/v1/provider/webhooks", { params: { query: { limit: 50 } } })),
    ]);
    const off = webhooks.data.filter(({ status, disabledReason }) => status === "DISABLED" && disabledReason !== "BY_PROVIDER");
    return [
      disputes.data.length > 0 && (["/provider/disputes?status=OPEN", `${disputes.data.length} open ${disputes.data.length === 1 ? "dispute waits" : "disputes wait"} for your answer`] as const),
      held.data.length > 0 && (["/provider/bookings?riskReviewStatus=PENDING", `${held.data.length} ${held.data.length === 1 ? "booking is" : "bookings are"} held for their risk`] as const),
      off.length > 0 && (["/provider/webhooks", `${off.length} ${off.length === 1 ? "webhook was" : "webhooks were"} switched off, since deliveries failed`] as const),
    ].filter((one) => one !== false);
  });
  const way = useLoad(steps);
  const first = session.value!.member.name.split(" ")[0];
  return (
    <>
      <Heading title={`Hello, ${first}`} intro={new Intl.DateTimeFormat(navigator.language, { dateStyle: "full", timeZone: zone() }).format(Date.now())} />
      <Show of={alerts} rows={1}>
        {(all) => all.map(([href, words]) => <p class="note wait" key={href}><a href={href}>{words}</a></p>)}
      </Show>
      <Figures />
      <div class="columns">
        <section class="card">
          <h2>Today</h2>
          <Show of={today}>{(all) => (all.length === 0 ? <p class="quiet">Nothing is on today.</p> : <ul class="lines">{all.map((booking) => <Line key={booking.id} booking={booking} />)}</ul>)}</Show>
        </section>
        <section class="card">
          <h2>
            To decide <a href="/provider/bookings?status=PENDING">All</a>
          </h2>
          <Show of={pending}>
            {(all) =>
              all.length === 0 ? (
                <p class="quiet">Nothing waits for you.</p>
              ) : (
                <ul class="lines">
                  {all.map((booking) => (
                    <Line key={booking.id} booking={booking} again={() => void Promise.all([pending.again(), today.again()])} />
                  ))}
                </ul>
              )
            }
          </Show>
        </section>
      </div>
      <Show of={way}>
        {(all) => {
          const done = all.filter(([, , is]) => is).length;
          return (
            done < all.length && (
              <section class="card">
                  <h2>
                    Setting up <span class="quiet">{done} of {all.length}</span>
                  </h2>
                  <progress max={all.length} value={done} aria-label="Steps that are done" />
                  <ol class="steps">
                    {all.map(([words, href, is]) => (
                      <li key={words} class={is ? "done" : ""}>
                        <a href={href}>{words}</a>
                        <span class="sr">{is ? "done" : "to do"}</span>
                      </li>
                    ))}
                  </ol>
              </section>
            )
          );
        }}
      </Show>
    </>
  );
}
