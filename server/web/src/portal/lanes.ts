// Things of a day beside each other where they overlap.

export interface Span {
  from: number;
  to: number;
}
export interface Laid<T> {
  thing: T;
  /** From the left, of so many. */
  lane: number;
  lanes: number;
}

/** Whatever touches, by others in between too, has the same number of lanes, and as few as will do. */
export function laid<T extends Span>(things: readonly T[]): Laid<T>[] {
  const all: Laid<T>[] = [];
  let group: Laid<T>[] = [];
  let ends: number[] = [];
  const close = (): void => {
    for (const one of group) one.lanes = ends.length;
    all.push(...group);
    group = [];
    ends = [];
  };
  for (const thing of [...things].sort((a, b) => a.from - b.from || b.to - a.to)) {
    if (ends.length > 0 && ends.every((end) => end <= thing.from)) close();
    const free = ends.findIndex((end) => end <= thing.from);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = thing.to;
    group.push({ thing, lane, lanes: 0 });
  }
  close();
  return all;
}

/** Whole hours that show all of some minutes of a day, and at least an ordinary working day. */
export function hoursAround(spans: readonly Span[], least: Span = { from: 8 * 60, to: 19 * 60 }): Span {
  const from = Math.min(least.from, ...spans.map((span) => span.from));
  const to = Math.max(least.to, ...spans.map((span) => span.to));
  return { from: Math.floor(from / 60) * 60, to: Math.min(Math.ceil(to / 60) * 60, 24 * 60) };
}

/** The one that is nearest, if there is any within reach. */
export function nearest<T>(all: readonly T[], at: number, of: (one: T) => number, reach: number): T | null {
  let best: T | null = null;
  for (const one of all) if (Math.abs(of(one) - at) <= reach && (best === null || Math.abs(of(one) - at) < Math.abs(of(best) - at))) best = one;
  return best;
}
