import { expect, test } from "vitest";

import { fullest, leadShort, leadWords, mostPoints, points, secondsOf } from "../src/portal/series";
import { addDays } from "../src/calendar";

const day = (date: string, part = {}) => ({ date, revenueCents: 100, bookings: 1, cancelled: 0, bookedMinutes: 30, offeredMinutes: 120, ...part });
const days = (count: number, from = "2026-05-01") => Array.from({ length: count }, (_, i) => day(addDays(from, i)));

test("few days are shown as they are", () => {
  expect(points(days(mostPoints))).toHaveLength(mostPoints);
  expect(points([day("2026-05-01")])).toEqual([{ date: "2026-05-01", revenueCents: 100, bookings: 1, cancelled: 0, occupancyPct: 25 }]);
});

test("many days are summed by the week, from Monday, and lose nothing", () => {
  const all = points(days(365, "2026-01-01"));
  expect(all.length).toBe(53);
  expect(all[0]?.date).toBe("2025-12-29"); // the Monday before the first Thursday
  expect(all.every(({ date }) => new Date(`${date}T12:00:00Z`).getUTCDay() === 1)).toBe(true);
  expect(all.reduce((sum, one) => sum + one.revenueCents, 0)).toBe(36_500);
  expect(all.reduce((sum, one) => sum + one.bookings, 0)).toBe(365);
  expect(all[1]?.occupancyPct).toBe(25); // of the sums, not the mean of shares
});

test("where nothing was open, nothing was taken or free", () => {
  expect(points([day("2026-05-01", { offeredMinutes: 0 })])[0]?.occupancyPct).toBe(null);
  expect(points([day("2026-05-01", { bookedMinutes: 1, offeredMinutes: 3 })])[0]?.occupancyPct).toBe(33.3);
});

test("no days are no points", () => expect(points([])).toEqual([]));

test("a day stands in the middle of itself", () => expect(secondsOf("1970-01-02")).toBe(86_400 + 43_200));

test.each([
  [0, 2, "0 – 2 hours"],
  [2, 24, "2 – 24 hours"],
  [0, 24, "below a day"],
  [0, 72, "below 3 days"],
  [24, 72, "1 – 3 days"],
  [720, null, "over 30 days"],
  [36, null, "over 1.5 days"],
  [6, null, "over 6 hours"],
])("from %s to %s hours is %s", (fromHours, toHours, words) => expect(leadWords({ fromHours, toHours, bookings: 0 })).toBe(words));

test.each([
  [0, 2, "0–2 h"],
  [2, 24, "2–24 h"],
  [0, 24, "0–1 d"],
  [24, 72, "1–3 d"],
  [720, null, "> 30 d"],
  [6, null, "> 6 h"],
])("in short, from %s to %s hours is %s", (fromHours, toHours, words) => expect(leadShort({ fromHours, toHours, bookings: 0 })).toBe(words));

test.each([
  [[], 10],
  [[null, 1], 10],
  [[12, 38], 50],
  [[90], 100],
  [[100], 100],
])("a scale for %j ends at %i", (all, most) => expect(fullest(all.map((occupancyPct) => ({ occupancyPct })))).toBe(most));
