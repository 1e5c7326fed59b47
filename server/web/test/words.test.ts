import { describe, expect, it } from "vitest";

import { fill } from "../src/catalogue";
import { clockSkew, clockWords, spokenKey } from "../src/countdown";
import { textOn } from "../src/contrast";
import * as words from "../src/words";

/** ICU's releases differ in which space stands before AM. */
const plain = (text: string): string => text.replace(/\s/g, " ");

describe("words of days and times", () => {
  const at = Date.parse("2026-05-12T15:00:00Z");
  it("are those of the locale, in the zone", () => {
    expect(plain(words.timeWords(at, "America/Chicago", "en-US"))).toBe("10:00 AM");
    expect(plain(words.timeWords(at, "Europe/Berlin", "en-GB"))).toBe("17:00");
    expect(words.dayWords(at, "en-US")).toBe("Tuesday, May 12");
    expect(words.monthWords(at, "en-US")).toBe("May 2026");
    expect(words.weekdayWords(at, "en-US", "narrow")).toBe("T");
    expect(words.zoneWords("America/Chicago", at, "en-US")).toBe("Central Time");
    expect(words.cityOf("America/Argentina/Buenos_Aires")).toBe("Buenos Aires");
  });
  it("are English where the locale is unknown", () => {
    expect(words.monthWords(at, "no_such")).toBe("May 2026");
  });
  it("tell the day that it is there", () => {
    expect(words.dayIn("Asia/Kolkata", Date.parse("2026-05-12T19:00:00Z"))).toBe("2026-05-13");
    expect(words.dayIn("Pacific/Apia", Date.parse("2011-12-30T09:00:00Z"))).toBe("2011-12-29");
    expect(words.dayIn("Pacific/Apia", Date.parse("2011-12-30T11:00:00Z"))).toBe("2011-12-31"); // it skipped a day
  });
});

describe("money", () => {
  it("shows minor units where there are any", () => {
    expect(words.moneyWords(12000, "USD", 2, "en-US")).toBe("$120");
    expect(words.moneyWords(12050, "USD", 2, "en-US")).toBe("$120.50");
    expect(plain(words.moneyWords(12050, "EUR", 2, "de-DE"))).toBe("120,50 €");
    expect(words.moneyWords(101, "JPY", 0, "en-US")).toBe("¥101");
    expect(plain(words.moneyWords(1500, "KWD", 3, "en-US"))).toBe("KWD 1.500");
    expect(words.moneyWords(-500, "EUR", 2, "en-US")).toBe("-€5");
  });
  it("counts as amounts do, where browsers know fewer decimals", () => {
    expect(plain(words.moneyWords(1205000, "HUF", 2, "en-US"))).toBe("HUF 12,050");
    expect(plain(words.moneyWords(1205050, "HUF", 2, "en-US"))).toBe("HUF 12,050.50");
    expect(plain(words.moneyWords(1205000, "IQD", 3, "en-US"))).toBe("IQD 1,205");
  });
});

describe("what is left", () => {
  it("is a clock", () => {
    expect(["600000", "65000", "64001", "1", "0", "-5000"].map((ms) => clockWords(Number(ms)))).toEqual([
      "10:00", "1:05", "1:05", "0:01", "0:00", "0:00",
    ]);
  });
  it("is said twice", () => {
    expect(spokenKey(121_000, 120_000)).toBe("live.twoMinutes");
    expect(spokenKey(120_000, 119_000)).toBeNull();
    expect(spokenKey(31_000, 29_500)).toBe("live.thirtySeconds");
    expect(spokenKey(300_000, 20_000)).toBe("live.thirtySeconds"); // the machine slept
    expect(spokenKey(500, -500)).toBeNull();
  });
  it("goes by the server's clock", () => {
    expect(clockSkew(1_000_000, 1_001_500, false)).toBe(0);
    expect(clockSkew(1_000_000, 1_300_000, false)).toBe(-300_000);
    expect(clockSkew(1_000_000, 1_300_000, true)).toBe(0);
    expect(clockSkew(NaN, 5, false)).toBe(0);
  });
});

describe("messages", () => {
  it("take arguments", () => {
    expect(fill("{month}: nothing is free.", { month: "May" }, "en")).toBe("May: nothing is free.");
  });
  it("count as the language does", () => {
    const english = "{day}, {n, plural, one{# time} other{# times}} free";
    expect(fill(english, { day: "Monday", n: 1 }, "en")).toBe("Monday, 1 time free");
    expect(fill(english, { day: "Monday", n: 1200 }, "en")).toBe("Monday, 1,200 times free");
    const arabic = "{n, plural, zero{z#} one{o} two{t} few{f#} many{m#} other{x#}}";
    expect([0, 1, 2, 3, 11, 100].map((n) => fill(arabic, { n }, "ar-u-nu-latn"))).toEqual(["z0", "o", "t", "f3", "m11", "x100"]);
  });
});

describe("text on a colour", () => {
  it("is white as long as that can be read", () => {
    expect(textOn(0x0f, 0x17, 0x2a)).toBe("#fff");
    expect(textOn(0, 0, 255)).toBe("#fff");
    expect(textOn(255, 255, 0)).toBe("#000");
    expect(textOn(255, 255, 255)).toBe("#000");
    expect(textOn(0x76, 0x76, 0x76)).toBe("#fff");
    expect(textOn(0x78, 0x78, 0x78)).toBe("#000");
  });
});
