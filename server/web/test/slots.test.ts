import { describe, expect, it } from "vitest";

import { bookable, byDay, type Slot } from "../src/slots";
import { dayIn } from "../src/words";

/** Slots of a day, from hour to hour. */
const slot = (from: string, to: string, remaining = 1, capacity = 1): Slot => ({
  startsAt: `2026-05-12T${from}:00Z`,
  endsAt: `2026-05-12T${to}:00Z`,
  remaining,
  capacity,
});
const shown = (slots: Slot[], least: number): string[] =>
  bookable(slots, least).map(({ start, end }) => [start, end].map((ms) => new Date(ms).toISOString().slice(11, 16)).join("-"));

describe("bookable", () => {
  it("leaves slots as they are that are long enough", () => {
    expect(shown([slot("09:00", "10:00"), slot("10:00", "11:00")], 0)).toEqual(["09:00-10:00", "10:00-11:00"]);
    expect(shown([slot("09:00", "10:00"), slot("12:00", "13:00")], 60)).toEqual(["09:00-10:00", "12:00-13:00"]);
  });
  it("joins those that follow at once, up to the least that can be booked", () => {
    const hours = [slot("09:00", "10:00"), slot("10:00", "11:00"), slot("11:00", "12:00"), slot("13:00", "14:00")];
    expect(shown(hours, 120)).toEqual(["09:00-11:00", "10:00-12:00"]);
    expect(shown(hours, 90)).toEqual(["09:00-11:00", "10:00-12:00"]);
    expect(shown(hours, 240)).toEqual([]);
  });
  it("takes no longer ones where that is wanted", () => {
    const slots = [slot("09:00", "10:30"), slot("12:00", "13:00"), slot("13:00", "14:00")];
    const exact = (least: number): number => bookable(slots, least, { exact: true }).length;
    expect([60, 90, 120].map(exact)).toEqual([2, 1, 1]);
  });
  it("ends days at the time of day at which they began, however long clocks make them", () => {
    // New York, where 2027-03-14 has 23 hours.
    const first = Date.parse("2027-03-13T05:00:00Z");
    const hours = Array.from({ length: 71 }, (_, i): Slot => {
      const [startsAt, endsAt] = [i, i + 1].map((hour) => new Date(first + hour * 3_600_000).toISOString());
      return { startsAt: startsAt!, endsAt: endsAt!, remaining: 1, capacity: 1 };
    });
    const days = bookable(hours, 1440, { dailyIn: "America/New_York" });
    const lengthAt = (at: string): number => {
      const found = days.find((time) => time.start === Date.parse(at));
      return found ? (found.end - found.start) / 3_600_000 : 0;
    };
    expect(lengthAt("2027-03-13T05:00:00Z")).toBe(24);
    expect(lengthAt("2027-03-14T05:00:00Z")).toBe(23);
    expect(lengthAt("2027-03-15T04:00:00Z")).toBe(24);
  });
  it("sorts, and takes the first of those that start together", () => {
    expect(shown([slot("10:00", "11:00"), slot("09:00", "10:00"), slot("09:00", "12:00")], 0)).toEqual(["09:00-10:00", "10:00-11:00"]);
  });
  it("says how many are left where they are few of several", () => {
    expect(bookable([slot("09:00", "10:00", 1, 1), slot("10:00", "11:00", 3, 8), slot("11:00", "12:00", 4, 8)], 0).map((t) => t.left)).toEqual([
      null,
      3,
      null,
    ]);
  });
});

describe("byDay", () => {
  it("goes by the day of the zone in which it is looked at", () => {
    const times = bookable([slot("02:00", "03:00"), slot("12:00", "13:00"), slot("20:00", "21:00")], 0);
    const days = (zone: string): [string, number][] =>
      [...byDay(times, (at) => dayIn(zone, at))].map(([day, of]) => [day, of.length]);
    expect(days("UTC")).toEqual([["2026-05-12", 3]]);
    expect(days("America/Los_Angeles")).toEqual([
      ["2026-05-11", 1],
      ["2026-05-12", 2],
    ]);
    expect(days("Asia/Tokyo")).toEqual([
      ["2026-05-12", 2],
      ["2026-05-13", 1],
    ]);
  });
});
