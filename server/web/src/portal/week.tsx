// A week of bookings. They are dragged to another time, or moved by the dialog that a click opens: both end in the same question.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { span, timeOf } from "../ui/dates";
import { Show, useLoad } from "../ui/load";
import { client, ok, type Schemas } from "../ui/problem";
import { addDays, noonOf, weekdayOf } from "../calendar";
import { dayIn } from "../words";
import { Move } from "./move";
import { zone } from "./session";

type Booking = Schemas["Booking"];

const mondayOf = (day: string): string => addDays(day, -weekdayOf(day));
const title = (day: string, options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(navigator.language, { ...options, timeZone: "UTC" }).format(noonOf(day));

export function Week(): VNode {
  const monday = useSignal(mondayOf(dayIn(zone(), Date.now())));
  const moving = useSignal<{ booking: Booking; day: string } | null>(null);
  const over = useSignal("");
  const days = Array.from({ length: 7 }, (_, i) => addDays(monday.value, i));
  const week = useLoad(async () => {
    const all: Booking[] = [];
    for (let cursor: string | null | undefined; cursor !== null && all.length < 1000; ) {
      const page: Schemas["BookingList"] = await ok(
        client.GET("/v1/provider/bookings", { params: { query: { from: monday.value, to: addDays(monday.value, 7), limit: 200, ...(cursor && { cursor }) } } }),
      );
      all.push(...page.data.filter(({ status }) => status !== "CANCELLED" && status !== "REFUNDED"));
      cursor = page.nextCursor;
    }
    return all;
  }, [monday.value]);
  const movable = ({ status, items }: Booking): boolean => (status === "PENDING" || status === "CONFIRMED") && items.length === 1;
  return (
    <>
      <div class="turn">
        <button type="button" class="second" aria-label="The week before" onClick={() => (monday.value = addDays(monday.value, -7))}>
          ‹
        </button>
        <strong aria-live="polite">
          {title(days[0]!, { day: "numeric", month: "short" })} – {title(days[6]!, { day: "numeric", month: "short", year: "numeric" })}
        </strong>
        <button type="button" class="second" aria-label="The next week" onClick={() => (monday.value = addDays(monday.value, 7))}>
          ›
        </button>
        <button type="button" class="plain" onClick={() => (monday.value = mondayOf(dayIn(zone(), Date.now())))}>
          This week
        </button>
      </div>
      <p class="hint">Drag a booking to another day, or open it and choose a time. Times are in {zone().replaceAll("_", " ")}.</p>
      <Show of={week} rows={8}>
        {(all) => (
          <div class="week">
            {days.map((day) => (
              <section
                key={day}
                class={over.value === day ? "day over" : "day"}
                aria-label={title(day, { weekday: "long", day: "numeric", month: "long" })}
                onDragOver={(event) => {
                  event.preventDefault();
                  over.value = day;
                }}
                onDragLeave={() => over.value === day && (over.value = "")}
                onDrop={(event) => {
                  event.preventDefault();
                  over.value = "";
                  const booking = all.find(({ id }) => id === event.dataTransfer?.getData("text/plain"));
                  if (booking) moving.value = { booking, day };
                }}
              >
                <h2 class={day === dayIn(zone(), Date.now()) ? "now" : ""}>{title(day, { weekday: "short", day: "numeric" })}</h2>
                <ul>
                  {all
                    .flatMap((booking) => booking.items.map((item) => ({ booking, item })))
                    .filter(({ item }) => dayIn(zone(), Date.parse(item.startsAt)) === day)
                    .sort((a, b) => Date.parse(a.item.startsAt) - Date.parse(b.item.startsAt))
                    .map(({ booking, item }) => (
                      <li
                        key={item.id}
                        class={`event ${booking.status === "PENDING" ? "wait" : ""}`}
                        draggable={movable(booking)}
                        onDragStart={(event) => event.dataTransfer?.setData("text/plain", booking.id)}
                        title={span(item.startsAt, item.endsAt, zone())}
                      >
                        <a href={`/provider/bookings/${booking.id}`} draggable={false}>
                          <span>{timeOf(item.startsAt, zone())}</span> {item.offeringTitle}
                        </a>
                        <span class="quiet">{booking.customer.name}</span>
                        {movable(booking) && (
                          <button type="button" class="plain" aria-label={`Move the booking of ${booking.customer.name}`} onClick={() => (moving.value = { booking, day })}>
                            Move
                          </button>
                        )}
                      </li>
                    ))}
                </ul>
              </section>
            ))}
          </div>
        )}
      </Show>
      {moving.value && (
        <Move
          {...moving.value}
          onClose={() => (moving.value = null)}
          onMoved={() => {
            moving.value = null;
            void week.again();
          }}
        />
      )}
    </>
  );
}
