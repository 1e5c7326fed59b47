import { expect, it } from "vitest";

import { addDays, addMonths, lastOf, sameDayIn, weekdayOf, weeksOf } from "../src/calendar";

it("counts days and months", () => {
  expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
  expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
  expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
  expect(addMonths("2026-12", 1)).toBe("2027-01");
  expect(addMonths("2026-01", -1)).toBe("2025-12");
  expect(lastOf("2026-02")).toBe("2026-02-28");
  expect(weekdayOf("2026-05-11")).toBe(0);
  expect(weekdayOf("2026-05-17")).toBe(6);
});

it("keeps the day of the month where there is one", () => {
  expect(sameDayIn("2026-02", "2026-01-31")).toBe("2026-02-28");
  expect(sameDayIn("2026-03", "2026-02-28")).toBe("2026-03-28");
});

it("lays months out in weeks from Monday", () => {
  const may = weeksOf("2026-05");
  expect(may.length).toBe(5);
  expect(may[0]).toEqual([null, null, null, null, "2026-05-01", "2026-05-02", "2026-05-03"]);
  expect(may[4]).toEqual(["2026-05-25", "2026-05-26", "2026-05-27", "2026-05-28", "2026-05-29", "2026-05-30", "2026-05-31"]);
  expect(weeksOf("2027-02").length).toBe(4);
  expect(weeksOf("2026-08").length).toBe(6);
});
