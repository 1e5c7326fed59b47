// Days as the insights have them, put together as they are shown.

import { addDays, noonOf, weekdayOf } from "../calendar";
import type { Schemas } from "../ui/problem";

type InsightDays = Schemas["InsightDays"];
type InsightDay = Schemas["DayFigures"];

/** More points than these are hard to tell apart; then weeks are shown. */
export const mostPoints = 92;

export interface Point {
  /** The day, or the Monday of the week. */
  date: string;
  revenueCents: number;
  bookings: number;
  cancelled: number;
  /** Null where nothing was offered. */
  occupancyPct: number | null;
}

const occupancy = ({ bookedMinutes, offeredMinutes }: Pick<InsightDay, "bookedMinutes" | "offeredMinutes">): number | null =>
  offeredMinutes > 0 ? Math.round((1000 * bookedMinutes) / offeredMinutes) / 10 : null;

/** Days as they are, or the sums of their weeks where there are many. */
export function points(days: readonly InsightDay[]): Point[] {
  const byWeek = days.length > mostPoints;
  const sums = new Map<string, InsightDay>();
  for (const day of days) {
    const date = byWeek ? addDays(day.date, -weekdayOf(day.date)) : day.date;
    const sum = sums.get(date);
    sums.set(
      date,
      sum
        ? {
            date,
            revenueCents: sum.revenueCents + day.revenueCents,
            bookings: sum.bookings + day.bookings,
            cancelled: sum.cancelled + day.cancelled,
            bookedMinutes: sum.bookedMinutes + day.bookedMinutes,
            offeredMinutes: sum.offeredMinutes + day.offeredMinutes,
          }
        : { ...day, date },
    );
  }
  return [...sums.values()].map((sum) => ({ date: sum.date, revenueCents: sum.revenueCents, bookings: sum.bookings, cancelled: sum.cancelled, occupancyPct: occupancy(sum) }));
}

/** Where a scale of occupancy ends: in whole tens, with some room above, at 100 at most. */
export const fullest = (all: readonly Pick<Point, "occupancyPct">[]): number => Math.min(100, Math.max(10, Math.ceil((1.1 * Math.max(0, ...all.map(({ occupancyPct }) => occupancyPct ?? 0))) / 10) * 10));

export const secondsOf = (date: string): number => noonOf(date) / 1000;

/** `same day`, `1 – 3 days`, `over 30 days`, of hours. */
export function leadWords({ fromHours, toHours }: InsightDays["leadTimes"][number]): string {
  const days = (hours: number): string => (hours % 24 === 0 ? String(hours / 24) : (hours / 24).toFixed(1));
  if (toHours === null) return fromHours >= 24 ? `over ${days(fromHours)} days` : `over ${fromHours} hours`;
  if (toHours < 24 || fromHours % 24 !== 0 || toHours % 24 !== 0) return `${fromHours} – ${toHours} hours`;
  if (fromHours === 0) return toHours === 24 ? "below a day" : `below ${days(toHours)} days`;
  return `${days(fromHours)} – ${days(toHours)} days`;
}

/** The same where there is little room: `0–2 h`, `1–3 d`, `> 30 d`. */
export function leadShort({ fromHours, toHours }: InsightDays["leadTimes"][number]): string {
  const inDays = fromHours % 24 === 0 && (toHours === null ? fromHours > 0 : toHours % 24 === 0);
  const of = (hours: number): string => String(inDays ? hours / 24 : hours);
  const unit = inDays ? "d" : "h";
  return toHours === null ? `> ${of(fromHours)} ${unit}` : `${of(fromHours)}–${of(toHours)} ${unit}`;
}
