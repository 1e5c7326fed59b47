// The times of a day as they come of rules, exceptions and bookings, each with the reason why it is not offered.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { addDays } from "../calendar";
import { timeOf } from "../ui/dates";
import { Field } from "../ui/form";
import { Show, useLoad } from "../ui/load";
import { client, ok, type Schemas } from "../ui/problem";
import { dayIn } from "../words";

const reasons: Record<Schemas["SlotReason"], string> = {
  offered: "Free",
  closed: "Closed",
  blocked: "Closed that day",
  buffer: "Too close to a booking",
  notice: "Too soon",
  window: "Too far ahead",
  capacity: "Booked",
  held: "Held by somebody",
  gap: "No time starts then",
};

/** Whether a time that somebody names is offered, and why not. */
function Why({ offering, day, about }: { offering: Schemas["Offering"]; day: string; about: unknown[] }): VNode {
  const time = useSignal("");
  const found = useLoad(async () => {
    if (!time.value) return null;
    const query = { offeringId: offering.id, from: day, to: addDays(day, 1), explain: `${day}T${time.value}` };
    return (await ok(client.GET("/v1/api/slots", { params: { query } }))).explanation ?? null;
  }, [offering.id, day, time.value, ...about]);
  return (
    <div class="why">
      <Field label="Why not at">{(bound) => <input {...bound} type="time" value={time.value} onChange={(e) => (time.value = e.currentTarget.value)} />}</Field>
      <p role="status" class={found.data?.offered ? "good-text" : ""}>
        {found.failed ?? (found.data ? `${reasons[found.data.reason]}: ${found.data.detail}` : "Name a time that somebody misses.")}
      </p>
    </div>
  );
}

export function Resulting({ offering, about }: { offering: Schemas["Offering"]; about: unknown[] }): VNode {
  const zone = offering.timeZone;
  const day = useSignal(addDays(dayIn(zone, Date.now()), 1));
  const slots = useLoad(
    () => ok(client.GET("/v1/api/slots", { params: { query: { offeringId: offering.id, from: day.value, to: addDays(day.value, 1), explain: "all" } } })),
    [offering.id, day.value, ...about],
  );
  return (
    <>
      <Field label="Day">{(bound) => <input {...bound} type="date" value={day.value} onChange={(e) => e.currentTarget.value && (day.value = e.currentTarget.value)} />}</Field>
      <Show of={slots} rows={2}>
        {({ slots }) =>
          slots.length === 0 ? (
            <p class="quiet">Nothing is open on this day.</p>
          ) : (
            <ul class="slots-of">
              {slots.map((slot) => {
                const reason = slot.reason ?? "offered";
                return (
                  <li key={slot.startsAt + slot.endsAt} class={reason === "offered" ? "free" : ""}>
                    <strong>
                      {timeOf(slot.startsAt, zone)} – {timeOf(slot.endsAt, zone)}
                    </strong>
                    <span>{reason === "offered" && slot.capacity > 1 ? `${slot.remaining} of ${slot.capacity} free` : reasons[reason]}</span>
                  </li>
                );
              })}
            </ul>
          )
        }
      </Show>
      <Why offering={offering} day={day.value} about={about} />
    </>
  );
}
