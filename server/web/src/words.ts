// Days, times and money as people of a locale read them: what words.cpp makes of ICU's skeletons, by the browser's own ICU.

type Options = Intl.DateTimeFormatOptions;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formatters are costly to make. An unknown locale is as English. */
function format(locale: string, zone: string, options: Options): Intl.DateTimeFormat {
  const key = `${locale} ${zone} ${JSON.stringify(options)}`;
  let one = formats.get(key);
  if (!one) {
    const all = { ...options, timeZone: zone };
    try {
      one = new Intl.DateTimeFormat(locale, all);
    } catch {
      one = new Intl.DateTimeFormat("en", all);
    }
    formats.set(key, one);
  }
  return one;
}

const clock: Options = { hour: "numeric", minute: "numeric" };

export const timeWords = (at: number, zone: string, locale: string): string => format(locale, zone, clock).format(at);
export const dayAndTimeWords = (at: number, zone: string, locale: string): string =>
  format(locale, zone, { month: "short", day: "numeric", ...clock }).format(at);
export const weekdayAndTimeWords = (at: number, zone: string, locale: string): string =>
  format(locale, zone, { weekday: "short", ...clock }).format(at);
/** `Tuesday, May 12`, of a moment on that day in UTC. */
export const dayWords = (noon: number, locale: string): string =>
  format(locale, "UTC", { weekday: "long", day: "numeric", month: "long" }).format(noon);
/** `May 2026` */
export const monthWords = (noon: number, locale: string): string => format(locale, "UTC", { month: "long", year: "numeric" }).format(noon);
export const weekdayWords = (noon: number, locale: string, width: "narrow" | "long"): string =>
  format(locale, "UTC", { weekday: width }).format(noon);

/** `2026-05-12`: the day that it is somewhere. */
export function dayIn(zone: string, at: number): string {
  const parts: Record<string, string> = {};
  const shape: Options = { calendar: "gregory", numberingSystem: "latn", year: "numeric", month: "2-digit", day: "2-digit" };
  for (const { type, value } of format("en", zone, shape).formatToParts(at)) parts[type] = value;
  return `${parts["year"]?.padStart(4, "0")}-${parts["month"]}-${parts["day"]}`;
}

/** `Central Time` */
export function zoneWords(zone: string, at: number, locale: string): string {
  const parts = format(locale, zone, { timeZoneName: "longGeneric" }).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
}

/** `New York` of `America/New_York`. */
export const cityOf = (zone: string): string => zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");

/** `$120`, `120,50 €`, of minor units. */
export function moneyWords(cents: number, currency: string, decimals: number, locale: string): string {
  // A currency's decimals are those of ISO 4217, as amounts have them; for some, browsers know fewer.
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  // The type of this option is younger than the libraries of types.
  const options = { style: "currency", currency, trailingZeroDisplay: "stripIfInteger", ...digits } as Intl.NumberFormatOptions;
  let formatter: Intl.NumberFormat;
  try {
    formatter = new Intl.NumberFormat(locale, options);
  } catch {
    formatter = new Intl.NumberFormat("en", options);
  }
  return formatter.format(cents / 10 ** decimals);
}

/** `1 time`, `5 times` */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
