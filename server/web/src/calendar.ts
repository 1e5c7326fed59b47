// Days and months as the texts that the API uses: `2026-05-12`, `2026-05`. A day is the same wherever one stands, so its arithmetic is UTC's.

const dayLength = 86_400_000;

export const noonOf = (day: string): number => Date.parse(`${day}T12:00:00Z`);
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const addDays = (day: string, count: number): string => dayOf(noonOf(day) + count * dayLength);
export const monthOf = (day: string): string => day.slice(0, 7);
export const firstOf = (month: string): string => `${month}-01`;

export function addMonths(month: string, count: number): string {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7);
}

/** How many days after Monday. */
export const weekdayOf = (day: string): number => (new Date(noonOf(day)).getUTCDay() + 6) % 7;

export function lastOf(month: string): string {
  return addDays(firstOf(addMonths(month, 1)), -1);
}

/** The same day of another month, or the last that it has. */
export function sameDayIn(month: string, day: string): string {
  const wanted = `${month}-${day.slice(8)}`;
  const last = lastOf(month);
  return wanted > last ? last : wanted;
}

/** Weeks from Monday; days of other months are null. */
export function weeksOf(month: string): (string | null)[][] {
  const first = firstOf(month);
  const weeks: (string | null)[][] = [];
  for (let monday = addDays(first, -weekdayOf(first)); monday <= lastOf(month); monday = addDays(monday, 7)) {
    weeks.push(
      Array.from({ length: 7 }, (_, i) => {
        const day = addDays(monday, i);
        return monthOf(day) === month ? day : null;
      }),
    );
  }
  return weeks;
}
