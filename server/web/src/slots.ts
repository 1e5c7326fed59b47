// What can be booked, out of the slots that the API lists.

import type { components } from "./openapi";
import { timeWords } from "./words";

export type Slot = Pick<components["schemas"]["PricedSlot"], "startsAt" | "endsAt" | "capacity" | "remaining">;

/** One that can be booked, in milliseconds; `left` where few are left of several. */
export interface Time {
  start: number;
  end: number;
  left: number | null;
}

const hour = 3_600_000;

export interface Kind {
  /** No longer ones. */
  exact?: boolean;
  /** What is sold by the day ends at the time of day at which it began, in this zone: a day is as long as clocks make it. */
  dailyIn?: string | null;
}

/**
 * Where one slot is shorter than the least that can be booked, those that follow at once are taken with it; a slot that none follows
 * is left out. The page does the same before this script runs (Joining in calendar.cpp).
 */
export function bookable(slots: readonly Slot[], leastMinutes: number, { exact = false, dailyIn = null }: Kind = {}): Time[] {
  const starts = new Map<number, { end: number; slot: Slot }>();
  for (const slot of slots) {
    const start = Date.parse(slot.startsAt);
    if (!starts.has(start)) starts.set(start, { end: Date.parse(slot.endsAt), slot });
  }
  const wanted = leastMinutes * 60_000;
  const least = dailyIn !== null && wanted >= 24 * hour ? wanted - 2 * hour : wanted;
  const short = (start: number, end: number): boolean =>
    end - start < least || (dailyIn !== null && timeWords(start, dailyIn, "en") !== timeWords(end, dailyIn, "en"));
  const times: Time[] = [];
  for (const [start, { end: first, slot }] of starts) {
    let end: number | undefined = first;
    while (end !== undefined && short(start, end)) end = end - start > wanted + 2 * hour ? undefined : starts.get(end)?.end;
    if (end !== undefined && exact && dailyIn === null && end - start !== wanted) end = undefined;
    if (end !== undefined) times.push({ start, end, left: slot.capacity > 1 && slot.remaining <= 3 ? slot.remaining : null });
  }
  return times.sort((a, b) => a.start - b.start);
}

/** Times by the day on which they start, as `dayOf` tells it. */
export function byDay(times: readonly Time[], dayOf: (ms: number) => string): Map<string, Time[]> {
  const days = new Map<string, Time[]>();
  for (const time of times) {
    const day = dayOf(time.start);
    const of = days.get(day);
    if (of) of.push(time);
    else days.set(day, [time]);
  }
  return days;
}
