import { expect, test } from "vitest";

import { hoursAround, laid, nearest } from "../src/portal/lanes";

const spans = (...all: [number, number][]) => all.map(([from, to]) => ({ from, to }));
const lanes = (...all: [number, number][]) => laid(spans(...all)).map(({ thing, lane, lanes }) => [thing.from, lane, lanes]);

test("what does not overlap has all the room; back to back is not overlapping", () => {
  expect(lanes([0, 60], [60, 120], [180, 240])).toEqual([[0, 0, 1], [60, 0, 1], [180, 0, 1]]);
});

test("what overlaps stands beside each other", () => {
  expect(lanes([0, 60], [30, 90])).toEqual([[0, 0, 2], [30, 1, 2]]);
  expect(lanes([0, 60], [0, 60], [0, 60])).toEqual([[0, 0, 3], [0, 1, 3], [0, 2, 3]]);
});

test("a lane is used again, and all that hangs together is divided alike", () => {
  expect(lanes([0, 120], [0, 60], [60, 180], [200, 210])).toEqual([[0, 0, 2], [0, 1, 2], [60, 1, 2], [200, 0, 1]]);
});

test("no two in a lane overlap, whatever there is", () => {
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 200; ++round) {
    const all = Array.from({ length: 12 }, () => {
      const from = Math.floor(random() * 40);
      return { from, to: from + 1 + Math.floor(random() * 12) };
    });
    const done = laid(all);
    expect(done).toHaveLength(all.length);
    for (const a of done)
      for (const b of done) {
        if (a === b || a.thing.to <= b.thing.from || b.thing.to <= a.thing.from) continue;
        expect(a.lane).not.toBe(b.lane);
        expect(a.lanes).toBe(b.lanes);
        expect(a.lane).toBeLessThan(a.lanes);
      }
  }
});

test("the hours that are shown are whole, and hold everything", () => {
  expect(hoursAround([])).toEqual({ from: 480, to: 1140 });
  expect(hoursAround(spans([450, 500], [1100, 1410]))).toEqual({ from: 420, to: 1440 });
  expect(hoursAround(spans([0, 1440]))).toEqual({ from: 0, to: 1440 });
});

test("the nearest within reach, or none", () => {
  const own = (one: number) => one;
  expect(nearest([10, 20, 30], 22, own, 5)).toBe(20);
  expect(nearest([10, 20, 30], 22, own, 1)).toBe(null);
  expect(nearest([], 22, own, 100)).toBe(null);
});
