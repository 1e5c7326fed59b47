// What is on in some days, begun before or in them.

import { addDays } from "../calendar";
import { localOf } from "../ui/dates";
import { everything } from "../ui/load";
import { client, ok, type Schemas } from "../ui/problem";
import { zone } from "./session";

/** The API lists bookings by when they start; one that began longer before than this is not found. */
const longest = 31;

/** @param to  the day after the last */
export async function bookingsOn(from: string, to: string): Promise<Schemas["Booking"][]> {
  const all = await everything((page) => ok(client.GET("/v1/provider/bookings", { params: { query: { from: addDays(from, -longest), to, ...page } } })), 20_000);
  return all.filter(({ items }) => items.some(({ startsAt, endsAt }) => localOf(endsAt, zone()) > `${from}T00:00` && localOf(startsAt, zone()) < `${to}T00:00`));
}
