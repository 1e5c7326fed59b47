import { beforeAll, expect, test, vi } from "vitest";

// What fields make of what is typed. The modules ask the browser for its language when they are loaded.
vi.stubGlobal("navigator", { language: "en-US" });
vi.stubGlobal("location", { origin: "http://localhost" });
vi.stubGlobal("addEventListener", () => undefined);

let money: typeof import("../src/ui/money");
let dates: typeof import("../src/ui/dates");
let palette: typeof import("../src/ui/palette");
beforeAll(async () => {
  money = await import("../src/ui/money");
  dates = await import("../src/ui/dates");
  palette = await import("../src/ui/palette");
});

test("amounts are read as people write them, in the currency's own decimals", () => {
  const cases: [string, string, number | null][] = [
    ["120.5", "USD", 12050], ["120,50", "EUR", 12050], ["1 200", "USD", 120_000], ["7", "JPY", 7], ["7.5", "JPY", null], ["1.234", "KWD", 1234],
    ["1.2345", "KWD", null], ["-3", "USD", -300], ["-0", "USD", 0], ["", "USD", null], ["1.2.3", "USD", null], ["12e3", "USD", null], ["0.01", "USD", 1], ["5.", "USD", 500], [".50", "USD", 50], [",5", "EUR", 50],
    [".", "USD", null], ["-.5", "USD", -50], ["1,200.00", "USD", null], ["1,200", "USD", null], ["1000000000000", "JPY", 1_000_000_000_000],
  ];
  for (const [text, currency, cents] of cases) expect(money.minorOf(text, currency), `${text} ${currency}`).toBe(cents);
});

test("an amount keeps what was typed when its currency changes", () => {
  expect(money.inCurrency(120_000, "USD", "JPY")).toBe(1200);
  expect(money.inCurrency(120_050, "USD", "JPY")).toBe(null); // yen have no such parts
  expect(money.inCurrency(12_500, "KWD", "USD")).toBe(1250);
  expect(money.inCurrency(1200, "JPY", "USD")).toBe(120_000);
  expect(money.inCurrency(120_050, "USD", "KWD")).toBe(1_200_500);
  expect(money.inCurrency(null, "USD", "EUR")).toBe(null);
});

test("what is written into a field is read back", () => {
  for (const currency of ["USD", "JPY", "KWD"])
    for (const cents of [0, 1, 9, 10, 99, 100, 12050, 999_999_999_999, -1, -12050]) expect(money.minorOf(money.typed(cents, currency), currency)).toBe(cents);
});

test("local times become instants as the API reads them, on ordinary days and where clocks jump", () => {
  const { instantOf, localOf } = dates;
  expect(instantOf("2026-05-12T15:00", "America/New_York")).toBe("2026-05-12T19:00:00Z");
  expect(instantOf("2026-03-08T02:30", "America/New_York")).toBe("2026-03-08T07:30:00Z"); // left out: as far after the gap
  expect(instantOf("2026-11-01T01:30", "America/New_York")).toBe("2026-11-01T05:30:00Z"); // there twice: the earlier
  expect(instantOf("2026-07-01T00:15", "Asia/Kathmandu")).toBe("2026-06-30T18:30:00Z");
  expect(localOf("2026-05-12T19:00:00Z", "America/New_York")).toBe("2026-05-12T15:00");
  for (const zone of ["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 13 * 3_600_000) {
      const instant = new Date(at).toISOString().replace(".000Z", "Z");
      const back = Date.parse(instantOf(localOf(instant, zone), zone)!);
      expect(back === at || (back < at && at - back <= 3_600_000), `${instant} ${zone}`).toBe(true); // the earlier of two
    }
});

test("a span names its day once, or both, and the year where it is another than now", () => {
  vi.useFakeTimers({ now: Date.parse("2026-07-01T00:00:00Z"), toFake: ["Date"] });
  expect(dates.span("2026-05-12T13:00:00Z", "2026-05-12T15:00:00Z", "UTC")).toMatch(/^Tue, May 12, 1:00.PM – 3:00.PM$/);
  expect(dates.span("2026-05-12T23:00:00Z", "2026-05-13T01:00:00Z", "UTC")).toMatch(/May 12.*May 13/);
  expect(dates.span("2026-12-31T23:00:00Z", "2027-01-01T01:00:00Z", "UTC")).toMatch(/^Thu, Dec 31, 11:00.PM – Fri, Jan 1, 2027, 1:00.AM$/);
  vi.useRealTimers();
});

test("the palette finds by letters in their order", () => {
  expect(palette.matches("apk", "API keys")).toBe(true);
  expect(palette.matches("", "anything")).toBe(true);
  expect(palette.matches("kap", "API keys")).toBe(false);
});

test("rates are typed in per cent and kept in basis points", async () => {
  const { bpsOf, rateTyped } = await import("../src/ui/form");
  for (const [text, bps] of [["8.25", 825], ["8,25 %", 825], ["20", 2000], ["0", 0], ["7.5", 750], ["8.", 800], ["8.875", null], ["", null], ["-1", null], ["x", null]] as const) expect(bpsOf(text), text).toBe(bps);
  for (const bps of [0, 1, 825, 1000, 10_000]) expect(bpsOf(rateTyped(bps))).toBe(bps);
});

test("rows are put in order either way, and those without a value come last", async () => {
  const { inOrder } = await import("../src/ui/table");
  const rows = [{ n: 2, t: "Room 10" }, { n: null, t: "room 9" }, { n: 1, t: "Ábel" }, { n: 2, t: "Zoe" }];
  const numbers = (down: boolean) => inOrder(rows, ({ n }) => n, down).map(({ t }) => t);
  expect(numbers(false)).toEqual(["Ábel", "Room 10", "Zoe", "room 9"]);
  expect(numbers(true)).toEqual(["Room 10", "Zoe", "Ábel", "room 9"]);
  expect(inOrder(rows, ({ t }) => t, false).map(({ t }) => t)).toEqual(["Ábel", "room 9", "Room 10", "Zoe"]);
});
