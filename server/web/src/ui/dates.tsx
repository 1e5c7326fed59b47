// Instants, days and times: shown in a zone, typed in it.

import type { VNode } from "preact";

import { dayIn } from "../words";
import { Field, type Form } from "./form";

const locale = navigator.language;
const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = zone + JSON.stringify(options);
  let one = formats.get(name);
  if (!one) formats.set(name, (one = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone })));
  return one;
}

export const when = (instant: string, zone: string): string =>
  format(zone, { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" }).format(Date.parse(instant));
/** The year is said where it is another than now. */
export const dayOf = (instant: string, zone: string): string => {
  const [at, now] = [Date.parse(instant), Date.now()];
  const day = { weekday: "short", month: "short", day: "numeric" } as const;
  return format(zone, dayIn(zone, at).slice(0, 4) === dayIn(zone, now).slice(0, 4) ? day : { ...day, year: "numeric" }).format(at);
};
export const timeOf = (instant: string, zone: string): string => format(zone, { hour: "numeric", minute: "2-digit" }).format(Date.parse(instant));

/** `Tue, May 12, 9:00 – 11:00`: the day twice only where there are two. */
export const span = (from: string, to: string, zone: string): string => {
  const end = dayIn(zone, Date.parse(from)) === dayIn(zone, Date.parse(to)) ? timeOf(to, zone) : `${dayOf(to, zone)}, ${timeOf(to, zone)}`;
  return `${dayOf(from, zone)}, ${timeOf(from, zone)} – ${end}`;
};

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const steps = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;
/** `3 hours ago`, with the whole time as its title. */
export function Ago({ at, zone }: { at: string | null | undefined; zone: string }): VNode {
  if (!at) return <span class="quiet">never</span>;
  const seconds = (Date.parse(at) - Date.now()) / 1000;
  const [unit, size] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? (["minute", 60] as const);
  return (
    <time dateTime={at} title={when(at, zone)}>
      {Math.abs(seconds) < 45 ? "just now" : relative.format(Math.round(seconds / size), unit)}
    </time>
  );
}

const clocks = new Map<string, Intl.DateTimeFormat>();
/** How far a zone's clocks are ahead of UTC at an instant. */
function aheadOf(zone: string, at: number): number {
  let clock = clocks.get(zone);
  if (!clock) {
    const shape = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23", calendar: "gregory", numberingSystem: "latn" } as const;
    clocks.set(zone, (clock = new Intl.DateTimeFormat("en", { ...shape, timeZone: zone })));
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(at)) parts[type] = Number(value);
  return Date.UTC(parts["year"] ?? 0, (parts["month"] ?? 1) - 1, parts["day"], parts["hour"], parts["minute"], parts["second"]) - Math.floor(at / 1000) * 1000;
}

/** `2026-05-12T15:00`, as fields have it, of an instant. */
export function localOf(instant: string, zone: string): string {
  const at = Date.parse(instant);
  return new Date(at + aheadOf(zone, at)).toISOString().slice(0, 16);
}
/** The instant of such a time; a time that is there twice is the earlier, one that a gap leaves out is after it: as the API reads them. */
export function instantOf(local: string, zone: string): string | null {
  const wall = Date.parse(`${local}:00Z`);
  if (Number.isNaN(wall)) return null;
  const before = wall - aheadOf(zone, wall - 86_400_000);
  const after = wall - aheadOf(zone, wall + 86_400_000);
  const fits = [before, after].filter((at) => at + aheadOf(zone, at) === wall);
  return new Date(fits.length > 0 ? Math.min(...fits) : before).toISOString().replace(".000Z", "Z");
}

type Keys<T> = { [K in keyof T]: T[K] extends string | null | undefined ? K : never }[keyof T] & string;

/** An instant that is typed as a local time. */
export function Moment<T extends object>(props: { form: Form<T>; name: Keys<T>; label: string; zone: string; hint?: string; optional?: boolean }): VNode {
  const { form, name, zone, optional } = props;
  const value = form.get(name) as string | null | undefined;
  return (
    <Field {...props} hint={[props.hint, `In ${zone.replaceAll("_", " ")} time.`].filter(Boolean).join(" ")} fault={form.faults.value[`/${name}`]}>
      {(bound) => (
        <input
          {...bound}
          type="datetime-local"
          required={!optional}
          value={value ? localOf(value, zone) : ""}
          onChange={(e) => form.set(name, (e.currentTarget.value ? instantOf(e.currentTarget.value, zone) : null) as T[typeof name])}
        />
      )}
    </Field>
  );
}

/** A local day, time, or both, as they are: `date`, `time`, `datetime-local`. */
export function Local<T extends object>(props: { form: Form<T>; name: Keys<T>; kind: "date" | "time" | "datetime-local"; label: string; hint?: string; optional?: boolean; quiet?: boolean }): VNode {
  const { form, name, kind, optional } = props;
  return (
    <Field {...props} fault={form.faults.value[`/${name}`]}>
      {(bound) => (
        <input
          {...bound}
          type={kind}
          required={!optional}
          value={(form.get(name) as string | null | undefined) ?? ""}
          onInput={(e) => form.set(name, (e.currentTarget.value || null) as T[typeof name])}
        />
      )}
    </Field>
  );
}

/** Zones that browsers know, and the one that is set. */
export const zones = (set: string): [string, string][] =>
  [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), set])].map((zone) => [zone, zone.replaceAll("_", " ")]);
