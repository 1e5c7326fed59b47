// A booking to another time: a day, the times that are free on it, and one of them.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";

import { addDays } from "../calendar";
import { Dialog } from "../ui/dialog";
import { span, timeOf } from "../ui/dates";
import { Show, useLoad } from "../ui/load";
import { dayIn } from "../words";
import type { Time } from "../slots";
import { freeTimes, moveTo, type Booking } from "./moving";
import { zone } from "./session";

export function Move(props: { booking: Booking; day?: string; onClose: () => void; onMoved: (booking: Booking) => void }): VNode {
  const { booking } = props;
  const item = booking.items[0]!;
  const day = useSignal(props.day ?? dayIn(zone(), Date.parse(item.startsAt)));
  const busy = useSignal(false);
  const id = useId();
  const times = useLoad(async () => (await freeTimes(booking, day.value, addDays(day.value, 1))).filter(({ start }) => dayIn(zone(), start) === day.value), [day.value]);
  const move = async (time: Time): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    const moved = await moveTo(booking, time);
    busy.value = false;
    if (moved) props.onMoved(moved);
    else await times.again();
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
              {all.map((time) => (
                <li key={time.start}>
                  <button type="button" class="second" onClick={() => void move(time)}>
                    {timeOf(new Date(time.start).toISOString(), zone())}
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
