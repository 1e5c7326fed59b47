// One booking: what it is, what it costs, why it is held, what has happened, and what can be done.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRoute } from "preact-iso";

import { Facts, Heading, State } from "../../ui/bits";
import { span, when } from "../../ui/dates";
import { Dialog } from "../../ui/dialog";
import { Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { Menu } from "../../ui/menu";
import { money, MoneyField } from "../../ui/money";
import { client, ok, unchanged, type Schemas } from "../../ui/problem";
import { say } from "../../ui/toast";
import { cancel, decide } from "../bookings";
import { actorWords, doneWords } from "../log-words";
import { Move } from "../move";
import { mayEdit, zone } from "../session";

type Booking = Schemas["Booking"];

function Timeline({ id }: { id: string }): VNode {
  const log = useLoad(async () => (await ok(client.GET("/v1/provider/audit", { params: { query: { subject: id, limit: 50 } } }))).data, [id]);
  return (
    <Show of={log}>
      {(all) => (
        <ol class="timeline">
          {all.map(({ id: line, at, actor, action, detail }) => (
            <li key={line}>
              <time dateTime={at}>{when(at, zone())}</time>
              <span>
                {doneWords(action)} <span class="quiet">by {actorWords(actor)}{detail && `: ${detail}`}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Show>
  );
}

function Notes({ booking, onSaved }: { booking: Booking; onSaved: () => void }): VNode {
  const form = useForm({ notes: booking.notes }, [booking.id, booking.notes]); // what is typed outlives a decision
  return (
    <form
      onSubmit={sending(async () => {
        if (await form.send((body) => ok(client.PATCH("/v1/api/bookings/{id}", { params: { path: { id: booking.id } }, headers: unchanged(booking), body })))) {
          say("Kept.");
          onSaved();
        }
      })}
    >
      <Text form={form} name="notes" label="Notes" long />
      <Trouble form={form} />
      {form.changed && <Send form={form} label="Keep" />}
    </form>
  );
}

function Pay({ booking, kind, onClose, onDone }: { booking: Booking; kind: "payments" | "refunds"; onClose: () => void; onDone: () => void }): VNode {
  const form = useForm({ amountCents: booking.totalCents as number | null });
  return (
    <Dialog title={kind === "payments" ? "Note a payment" : "Give money back"} onClose={onClose}>
      <form
        onSubmit={sending(async () => {
          const done = await form.send(({ amountCents }) => {
            const params = { params: { path: { id: booking.id } } };
            const amount = { amountCents: amountCents ?? 0 };
            return kind === "payments"
              ? ok(client.POST("/v1/provider/bookings/{id}/payments", { ...params, body: { ...amount, provider: "manual" } }))
              : ok(client.POST("/v1/provider/bookings/{id}/refunds", { ...params, body: amount }));
          });
          if (done) onDone();
        })}
      >
        <MoneyField form={form} name="amountCents" label="Amount" currency={booking.currency} hint={kind === "payments" ? "What was paid by cash, transfer or otherwise." : "To the card that paid, or noted where it was paid otherwise."} />
        <Trouble form={form} />
        <Send form={form} label={kind === "payments" ? "Note it" : "Give it back"} />
      </form>
    </Dialog>
  );
}

export default function BookingPage(): VNode {
  const { id = "" } = useRoute().params;
  const found = useLoad(() => ok(client.GET("/v1/provider/bookings/{id}", { params: { path: { id } } })), [id]);
  const open = useSignal<"move" | "payments" | "refunds" | null>(null);
  const after = async (done: Promise<boolean>): Promise<void> => {
    if (await done) await found.again();
  };
  return (
    <Show of={found} rows={8}>
      {(booking) => {
        const { items, customer, status, currency } = booking;
        const item = items[0];
        const pending = status === "PENDING";
        const live = pending || status === "CONFIRMED";
        const held = booking.riskReviewStatus === "PENDING";
        return (
          <>
            <Heading title={item?.offeringTitle ?? "Booking"} intro={item && span(item.startsAt, item.endsAt, zone())}>
              <State of={status} />
              {pending && !held && (
                <button type="button" onClick={() => void after(decide(booking, "approve"))}>
                  Approve
                </button>
              )}
              {pending && (
                <button type="button" class="second" onClick={() => void after(decide(booking, "decline"))}>
                  Decline
                </button>
              )}
              <Menu
                label="More actions"
                actions={[
                  live && items.length === 1 && { label: "Move …", act: () => (open.value = "move") },
                  mayEdit() && status !== "CANCELLED" && status !== "REFUNDED" && { label: "Note a payment …", act: () => (open.value = "payments") },
                  mayEdit() && booking.payments.length > 0 && status !== "REFUNDED" && { label: "Give money back …", act: () => (open.value = "refunds") },
                  live && { label: "Cancel …", danger: true, act: () => void after(cancel(booking)) },
                ]}
              />
            </Heading>
            {held && (
              <section class="card note wait">
                <h2>Held for its risk</h2>
                <p>It is not confirmed by itself. Look at the reasons, then let it through or reject it.</p>
                <div class="acts">
                  <button type="button" onClick={() => void after(decide(booking, "risk-approve"))}>
                    Let it through
                  </button>
                  <button type="button" class="second" onClick={() => void after(decide(booking, "risk-reject"))}>
                    Reject
                  </button>
                </div>
              </section>
            )}
            <div class="columns wide-first">
              <div>
                <section class="card">
                  <h2>Booking</h2>
                  {items.map((one) => (
                    <p key={one.id}>
                      <strong>{one.offeringTitle}</strong>
                      {one.quantity > 1 && ` × ${one.quantity}`}
                      <br />
                      <span class="quiet">{span(one.startsAt, one.endsAt, zone())}</span>
                    </p>
                  ))}
                  <Facts
                    facts={[
                      ["Customer", customer.name],
                      ["E-mail", <a href={`mailto:${encodeURIComponent(customer.email)}`}>{customer.email}</a>],
                      ["Phone", customer.phone],
                      ["From", booking.source],
                      ["Booked", when(booking.createdAt, zone())],
                      ["Confirmed", booking.confirmedAt && when(booking.confirmedAt, zone())],
                      ["Cancelled", booking.cancelledAt && when(booking.cancelledAt, zone())],
                      ["Why", booking.cancelReason],
                      ["Goes back", booking.refundCents !== null && `${money(booking.refundCents, currency)} (${booking.refundPercent} %)`],
                    ]}
                  />
                  <Notes booking={booking} onSaved={() => void found.again()} />
                </section>
                <section class="card">
                  <h2>What has happened</h2>
                  <Timeline id={booking.id} key={booking.updatedAt} />
                </section>
              </div>
              <div>
                <section class="card">
                  <h2>Price</h2>
                  <table class="prices">
                    <caption class="sr">What the price is made of</caption>
                    <tbody>
                      {booking.priceLines.map((line) => (
                        <tr key={line.label}>
                          <th scope="row">{line.label}</th>
                          <td>{money(line.subtotalCents, currency)}</td>
                        </tr>
                      ))}
                      {booking.discountCents > 0 && (
                        <tr>
                          <th scope="row">Discount {booking.couponCode}</th>
                          <td>−{money(booking.discountCents, currency)}</td>
                        </tr>
                      )}
                      {booking.taxCents > 0 && (
                        <tr>
                          <th scope="row">Tax</th>
                          <td>{money(booking.taxCents, currency)}</td>
                        </tr>
                      )}
                      <tr class="total">
                        <th scope="row">Total</th>
                        <td>{money(booking.totalCents, currency)}</td>
                      </tr>
                    </tbody>
                  </table>
                </section>
                <section class="card">
                  <h2>Payments</h2>
                  {booking.payments.length === 0 ? (
                    <p class="quiet">Nothing has been paid.</p>
                  ) : (
                    <ul class="lines">
                      {booking.payments.map((payment) => (
                        <li key={payment.id}>
                          <div>
                            <strong>{money(payment.amountCents, payment.currency)}</strong>
                            <span class="quiet">
                              {payment.provider} · {when(payment.createdAt, zone())}
                              {payment.refundedCents > 0 && ` · ${money(payment.refundedCents, payment.currency)} given back`}
                              {payment.failureMessage && ` · ${payment.failureMessage}`}
                            </span>
                          </div>
                          <State of={payment.status} />
                        </li>
                      ))}
                    </ul>
                  )}
                </section>
                <section class="card">
                  <h2>
                    Risk <span class={`score ${booking.riskScore >= 60 ? "bad" : booking.riskScore >= 30 ? "wait" : "good"}`}>{booking.riskScore} of 100</span>
                  </h2>
                  {booking.riskReasons.length === 0 ? (
                    <p class="quiet">Nothing speaks against it.</p>
                  ) : (
                    <ul class="lines">
                      {booking.riskReasons.map(({ signal, points, detail }) => (
                        <li key={signal}>
                          <span>{detail}</span>
                          <span class="amount">{points > 0 ? `+${points}` : points}</span>
                        </li>
                      ))}
                    </ul>
                  )}
                </section>
              </div>
            </div>
            {open.value === "move" && (
              <Move
                booking={booking}
                onClose={() => (open.value = null)}
                onMoved={() => {
                  open.value = null;
                  void found.again();
                }}
              />
            )}
            {(open.value === "payments" || open.value === "refunds") && (
              <Pay
                booking={booking}
                kind={open.value}
                onClose={() => (open.value = null)}
                onDone={() => {
                  open.value = null;
                  void found.again();
                }}
              />
            )}
          </>
        );
      }}
    </Show>
  );
}
