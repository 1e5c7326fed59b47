// A booking to another time: a day, the times that are free on it, and one of them.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";

import { Dialog } from "../ui/dialog";
import { span, timeOf } from "../ui/dates";
import { Show, useLoad } from "../ui/load";
import { money } from "../ui/money";
import { client, ok, unchanged, type Schemas } from "../ui/problem";
import { attempt, say } from "../ui/toast";
import { addDays } from "../calendar";
import { bookable } from "../slots";
import { dayIn } from "../words";
import { zone } from "./session";

type Booking = Schemas["Booking"];

export function Move(props: { booking: Booking; day?: string; onClose: () => void; onMoved: (booking: Booking) => void }): VNode {
  const { booking } = props;
  const item = booking.items[0]!;
  const length = Date.parse(item.endsAt) - Date.parse(item.startsAt);
  const day = useSignal(props.day ?? dayIn(zone(), Date.parse(item.startsAt)));
  const busy = useSignal(false);
  const id = useId();
  const times = useLoad(
    async () => {
      const list = await ok(
        client.GET("/v1/api/slots", {
          params: { query: { offeringId: item.offeringId, from: day.value, to: addDays(day.value, 2), quantity: item.quantity, excludeBookingId: booking.id } },
        }),
      );
      return bookable(list.slots, length / 60_000, { exact: true }).filter(({ start }) => dayIn(zone(), start) === day.value);
    },
    [day.value],
  );
  const move = async (start: number): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    const startsAt = new Date(start).toISOString().replace(".000Z", "Z");
    const endsAt = new Date(start + length).toISOString().replace(".000Z", "Z");
    let moved: Booking | undefined;
    await attempt(async () => {
      moved = await ok(client.PATCH("/v1/api/bookings/{id}", { params: { path: { id: booking.id } }, headers: unchanged(booking), body: { itemId: item.id, startsAt, endsAt } }));
    });
    busy.value = false;
    if (!moved) return void times.again();
    const more = moved.priceDifferenceCents ?? 0;
    say(more === 0 ? "Moved. The customer is told." : `Moved; the price is ${money(Math.abs(more), moved.currency)} ${more > 0 ? "higher" : "lower"}.`);
    props.onMoved(moved);
  };
  return (
    <Dialog title="Move this booking" onClose={props.onClose}>
      <p>
        <strong>{item.offeringTitle}</strong>, {booking.customer.name}. Now {span(item.startsAt, item.endsAt, zone())}.
      </p>
      <div class="field">
        <label for={id}>Day</label>
        <input id={id} type="date" value={day.value} onChange={(e) => e.currentTarget.value && (day.value = e.currentTarget.value)} />
      </div>
      <Show of={times} rows={2}>
        {(all) =>
          all.length === 0 ? (
            <p class="quiet">Nothing of that length is free on this day. Choose another.</p>
          ) : (
            <ul class="times" aria-label="Free times">
              {all.map(({ start }) => (
                <li key={start}>
                  <button type="button" class="second" onClick={() => void move(start)}>
                    {timeOf(new Date(start).toISOString(), zone())}
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </Dialog>
  );
}
