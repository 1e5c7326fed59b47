// Taking a booking to another time.

import { addDays } from "../calendar";
import { span } from "../ui/dates";
import { confirmed } from "../ui/dialog";
import { money } from "../ui/money";
import { client, ok, unchanged, type Schemas } from "../ui/problem";
import { attempt, say } from "../ui/toast";
import { bookable, type Time } from "../slots";
import { zone } from "./session";

export type Booking = Schemas["Booking"];
type Span = Pick<Time, "start" | "end">;

const instant = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
const lengthOf = (item: Booking["items"][number]): number => Date.parse(item.endsAt) - Date.parse(item.startsAt);

export const movable = ({ status, items }: Booking): boolean => (status === "PENDING" || status === "CONFIRMED") && items.length === 1;

/** When it could be instead, of the days from one on and before another; its own time is free for it. */
export async function freeTimes(booking: Booking, from: string, to: string): Promise<Time[]> {
  const item = booking.items[0]!;
  // Days are the offering's own, which may begin on another day here; and what begins late needs slots of the days after.
  const days = { from: addDays(from, -1), to: addDays(to, 1 + Math.ceil(lengthOf(item) / 86_400_000)) };
  const [list, offering] = await Promise.all([
    ok(client.GET("/v1/api/slots", { params: { query: { offeringId: item.offeringId, ...days, quantity: item.quantity, excludeBookingId: booking.id } } })),
    ok(client.GET("/v1/api/offerings/{id}", { params: { path: { id: item.offeringId } } })),
  ]);
  return bookable(list.slots, lengthOf(item) / 60_000, { exact: true, dailyIn: offering.pricingModel === "DAILY" ? offering.timeZone : null });
}

/** @returns the booking as it is now; nothing where that was refused, which has been told */
export async function moveTo(booking: Booking, { start, end }: Span): Promise<Booking | undefined> {
  const item = booking.items[0]!;
  let moved: Booking | undefined;
  await attempt(async () => {
    const body = { itemId: item.id, startsAt: instant(start), endsAt: instant(end) };
    moved = await ok(client.PATCH("/v1/api/bookings/{id}", { params: { path: { id: booking.id } }, headers: unchanged(booking), body }));
  });
  if (!moved) return undefined;
  const more = moved.priceDifferenceCents ?? 0;
  say(more === 0 ? "Moved. The customer is told." : `Moved; the price is ${money(Math.abs(more), moved.currency)} ${more > 0 ? "higher" : "lower"}.`);
  return moved;
}

/** The same, asked for first. */
export async function askAndMove(booking: Booking, time: Span): Promise<Booking | undefined> {
  const item = booking.items[0]!;
  const to = span(instant(time.start), instant(time.end), zone());
  const text = `${item.offeringTitle}, ${booking.customer.name}: from ${span(item.startsAt, item.endsAt, zone())} to ${to}. The customer is told.`;
  return (await confirmed("Move this booking?", text, "Move it", false)) ? moveTo(booking, time) : undefined;
}
