// A week of bookings by the hour. They are dragged to a time that is free, or moved by the dialog behind their button.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { addDays, noonOf, weekdayOf } from "../calendar";
import { localOf, span, timeOf } from "../ui/dates";
import { Show, useLoad } from "../ui/load";
import { wordsOf } from "../ui/problem";
import { say } from "../ui/toast";
import { dayIn } from "../words";
import { hoursAround, laid, nearest } from "./lanes";
import { Move } from "./move";
import { bookingsOn } from "./bookings-on";
import { askAndMove, freeTimes, movable, type Booking } from "./moving";
import { zone } from "./session";

type Item = Booking["items"][number];
/** A part of an item on one day, in minutes of that day. */
interface Piece {
  booking: Booking;
  item: Item;
  day: string;
  from: number;
  to: number;
}

const hour = 52;
/** Of a day that all but takes it whole. */
const allDay = ({ from, to }: Piece): boolean => to - from >= 23 * 60;
const mondayOf = (day: string): string => addDays(day, -weekdayOf(day));
const words = (day: string, options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(navigator.language, { ...options, timeZone: "UTC" }).format(noonOf(day));
const minuteOf = (local: string): number => Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16));

function piecesOf(booking: Booking, days: readonly string[]): Piece[] {
  return booking.items.flatMap((item) => {
    const [from, to] = [localOf(item.startsAt, zone()), localOf(item.endsAt, zone())];
    return days
      .filter((day) => day >= from.slice(0, 10) && `${day}T00:00` < to)
      .map((day) => ({
        booking,
        item,
        day,
        from: from.slice(0, 10) === day ? minuteOf(from) : 0,
        to: to.slice(0, 10) === day ? minuteOf(to) : 1440,
      }));
  });
}

async function bookingsOf(monday: string): Promise<Booking[]> {
  return (await bookingsOn(monday, addDays(monday, 7))).filter(({ status }) => status !== "CANCELLED" && status !== "REFUNDED");
}

/** Sets what the page's policy takes from no markup. */
function useStyle(values: Record<string, string>): (box: HTMLElement | null) => void {
  const box = useRef<HTMLElement | null>(null);
  const text = JSON.stringify(values);
  const put = (): void => Object.entries(values).forEach(([name, value]) => box.current?.style.setProperty(name, value));
  useEffect(put, [text]);
  return (element) => {
    box.current = element;
    put();
  };
}

interface Shown {
  piece: Piece;
  /** Where it lies among the hours; none: among what takes all day. */
  at?: Record<string, string>;
  dragged?: boolean;
  onGrab?: (event: PointerEvent) => void;
  onMove: () => void;
}

function Event({ piece, at, dragged, onGrab, onMove }: Shown): VNode {
  const { booking, item } = piece;
  const place = useStyle(at ?? {});
  return (
    <li
      ref={place}
      class={["block", booking.status === "PENDING" ? "wait" : booking.status === "COMPLETED" ? "past" : "", dragged ? "dragged" : "", movable(booking) ? "movable" : ""].join(" ").trim()}
      title={`${item.offeringTitle}, ${booking.customer.name}\n${span(item.startsAt, item.endsAt, zone())}`}
      onPointerDown={(event) => movable(booking) && event.button === 0 && event.pointerType === "mouse" && onGrab?.(event)}
    >
      <a href={`/provider/bookings/${booking.id}`} draggable={false}>
        {at && <span>{timeOf(item.startsAt, zone())} </span>}
        {item.offeringTitle}
        <small>{booking.customer.name}</small>
      </a>
      {movable(booking) && (
        <button type="button" class="plain" aria-label={`Move the booking of ${booking.customer.name}, ${timeOf(item.startsAt, zone())}`} onClick={onMove}>
          Move
        </button>
      )}
    </li>
  );
}

interface Target {
  day: string;
  minute: number;
  start: number;
  end: number;
}

/** Where a dragged booking would come down, a time that is free for it, or now. */
function Place({ from, to, first, look }: { from: number; to: number; first: number; look: string }): VNode {
  const place = useStyle({ top: `${((from - first) / 60) * hour}px`, height: `${Math.max(((to - from) / 60) * hour - 2, 0)}px` });
  return <div ref={place} class={look} aria-hidden="true" />;
}

function Lane({ whole, children }: { whole: Record<string, string>; children: ComponentChildren }): VNode {
  const place = useStyle(whole);
  return (
    <div ref={place} class="lane-of">
      {children}
    </div>
  );
}

function Grid({ all, days, again }: { all: Booking[]; days: string[]; again: () => Promise<void> }): VNode {
  const moving = useSignal<Booking | null>(null);
  const drag = useSignal<{ piece: Piece; free: Target[] | null; at: Target | null } | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  const lanes = (): DOMRect[] => [...grid.current!.querySelectorAll(".lane-of")].map((lane) => lane.getBoundingClientRect());
  /** Minutes of the day at a height of the screen. */
  const minuteAt = (y: number): number => shown.from + ((y - (lanes()[0]?.top ?? 0)) / hour) * 60;
  const everything = all.flatMap((booking) => piecesOf(booking, days));
  const pieces = everything.filter((piece) => !allDay(piece));
  const shown = hoursAround(pieces);
  const whole = { height: `${((shown.to - shown.from) / 60) * hour}px`, "--hour": `${hour}px` };
  const scale = useStyle(whole);
  const today = dayIn(zone(), Date.now());
  const now = minuteOf(localOf(new Date().toISOString(), zone()));

  const targetUnder = (event: PointerEvent, piece: Piece, grabbed: number, free: readonly Target[]): Target | null => {
    const day = days[lanes().findIndex(({ left, right }) => event.clientX >= left && event.clientX < right)];
    const minute = minuteAt(event.clientY) - grabbed;
    const own = piece.day === day && Math.abs(piece.from - minute) < 15;
    return own ? null : nearest(free.filter((one) => one.day === day), minute, (one) => one.minute, 90);
  };

  const grab = (event: PointerEvent, piece: Piece): void => {
    const grabbed = minuteAt(event.clientY) - piece.from;
    const [x, y] = [event.clientX, event.clientY];
    let free: Target[] = [];
    let begun = false;
    let given = false; // up
    const move = (now: PointerEvent): void => {
      if (given) return;
      if (!begun) {
        if (Math.hypot(now.clientX - x, now.clientY - y) < 5) return; // a click is none
        drag.value = { piece, free: null, at: null };
        begun = true;
        freeTimes(piece.booking, days[0]!, addDays(days.at(-1)!, 1)).then(
          (times) => {
            free = times
              .map(({ start, end }) => {
                const local = localOf(new Date(start).toISOString(), zone());
                return { day: local.slice(0, 10), minute: minuteOf(local), start, end };
              })
              .filter(({ minute }) => minute >= shown.from && minute < shown.to);
            if (drag.value?.piece === piece) drag.value = { ...drag.value, free };
          },
          (error: unknown) => say(wordsOf(error), true),
        );
      }
      now.preventDefault();
      if (drag.value) drag.value = { ...drag.value, at: targetUnder(now, piece, grabbed, free) };
    };
    const end = (): void => {
      for (const [name, act] of handlers) removeEventListener(name, act);
      setTimeout(() => removeEventListener("click", click, true));
      const at = drag.value?.at;
      drag.value = null;
      if (at) void askAndMove(piece.booking, at).then((moved) => moved && again());
    };
    const cancel = (event: Event): void => {
      if ((event as KeyboardEvent).key !== "Escape") return;
      given = true;
      drag.value = null;
    };
    // The link under a booking is not followed by dropping it.
    const click = (event: Event): void => {
      if (!begun) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const handlers: [string, EventListener][] = [
      ["pointermove", move as EventListener],
      ["pointerup", end],
      ["pointercancel", end],
      ["keydown", cancel],
    ];
    for (const [name, act] of handlers) addEventListener(name, act);
    addEventListener("click", click, true);
  };

  const dragged = drag.value;
  const length = dragged ? dragged.piece.to - dragged.piece.from : 0;
  return (
    <div class={dragged ? "hours-week dragging" : "hours-week"} ref={grid}>
      <div class="scale" aria-hidden="true">
        <div ref={scale}>
          {Array.from({ length: (shown.to - shown.from) / 60 }, (_, i) => (
            <span key={i}>{String(shown.from / 60 + i).padStart(2, "0")}:00</span>
          ))}
        </div>
      </div>
      {days.map((day) => (
        <section key={day} aria-label={words(day, { weekday: "long", day: "numeric", month: "long" })} class={day === today ? "is-today" : ""}>
          <h2>
            {words(day, { weekday: "short" })} <span>{Number(day.slice(8))}</span>
          </h2>
          <ul class="all-day">
            {everything
              .filter((piece) => piece.day === day && allDay(piece))
              .map((piece) => (
                <Event key={piece.item.id} piece={piece} onMove={() => (moving.value = piece.booking)} />
              ))}
          </ul>
          <Lane whole={whole}>
            {dragged?.free?.filter((one) => one.day === day).map(({ minute }) => <Place key={minute} from={minute} to={minute + length} first={shown.from} look="target" />)}
            {dragged?.at?.day === day && <Place from={dragged.at.minute} to={dragged.at.minute + length} first={shown.from} look="target here" />}
            {day === today && now >= shown.from && now < shown.to && <Place from={now} to={now} first={shown.from} look="now" />}
            <ul>
              {laid(pieces.filter((piece) => piece.day === day)).map(({ thing: piece, lane, lanes }) => (
                <Event
                  key={piece.item.id}
                  piece={piece}
                  at={{
                    top: `${((piece.from - shown.from) / 60) * hour}px`,
                    height: `${Math.max(((piece.to - piece.from) / 60) * hour - 2, 24)}px`,
                    left: `${(lane / lanes) * 100}%`,
                    width: `calc(${100 / lanes}% - 3px)`,
                  }}
                  dragged={dragged?.piece.item.id === piece.item.id}
                  onGrab={(event) => grab(event, piece)}
                  onMove={() => (moving.value = piece.booking)}
                />
              ))}
            </ul>
          </Lane>
        </section>
      ))}
      {moving.value && (
        <Move
          booking={moving.value}
          onClose={() => (moving.value = null)}
          onMoved={() => {
            moving.value = null;
            void again();
          }}
        />
      )}
    </div>
  );
}

export function Week(): VNode {
  const monday = useSignal(mondayOf(dayIn(zone(), Date.now())));
  const days = Array.from({ length: 7 }, (_, i) => addDays(monday.value, i));
  const week = useLoad(() => bookingsOf(monday.value), [monday.value]);
  return (
    <>
      <div class="turn">
        <button type="button" class="second" aria-label="The week before" onClick={() => (monday.value = addDays(monday.value, -7))}>
          ‹
        </button>
        <strong aria-live="polite">
          {words(days[0]!, { day: "numeric", month: "short" })} – {words(days[6]!, { day: "numeric", month: "short", year: "numeric" })}
        </strong>
        <button type="button" class="second" aria-label="The next week" onClick={() => (monday.value = addDays(monday.value, 7))}>
          ›
        </button>
        <button type="button" class="plain" onClick={() => (monday.value = mondayOf(dayIn(zone(), Date.now())))}>
          This week
        </button>
      </div>
      <p class="hint"><span class="wide-only">Drag a booking to a time that is free, or choose “Move” on it. </span>Times are in {zone().replaceAll("_", " ")}.</p>
      <Show of={week} rows={8}>
        {(all) => <Grid all={all} days={days} again={week.again} />}
      </Show>
    </>
  );
}
