// The month grid and the times of a day, taken over from the page once the month's times are known. Until then, and where this script
// does not run, its links and forms do the same.

import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { say } from "./catalogue";
import { addDays, addMonths, firstOf, lastOf, monthOf, noonOf, sameDayIn, weekdayOf, weeksOf } from "./calendar";
import { ahead, locale, tenant } from "./page";
import { Schedule } from "./schedule";
import { byDay, type Time } from "./slots";
import * as words from "./words";

const minute = 60_000;
const day = 1440 * minute;

interface Offering {
  zone: string;
  /** The first and the last day on which it can be booked, in its own zone. */
  today: string;
  last: string;
  /** The form that a time is: where it goes, and what it carries beside start and end. */
  action: string;
  method: string;
  carried: [name: string, value: string][];
  /** Where else to go where nothing is free, and what that is called. */
  home: string;
  away: string;
}

class Picker {
  readonly zone: Signal<string>;
  readonly month: Signal<string>;
  /** Null: the first that is free. */
  readonly chosen: Signal<string | null>;
  /** Where the arrow keys are. */
  readonly focused = signal<string | null>(null);
  /** The start of the time that is being held. */
  readonly pending = signal<number | null>(null);
  readonly spoken = signal("");
  /** Those of the month that have times; null while they are not known. */
  readonly days: ReadonlySignal<Map<string, Time[]> | null> = computed(() => {
    const month = this.month.value;
    const { times } = this.schedule.month(month).value;
    if (!times) return null;
    const days = byDay(times, (at) => words.dayIn(this.zone.value, at));
    for (const each of [...days.keys()]) if (monthOf(each) !== month) days.delete(each);
    return days;
  });
  readonly ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  private readonly since = Date.now();

  constructor(
    readonly offering: Offering,
    readonly schedule: Schedule,
    month: string,
    chosen: string | null,
  ) {
    this.zone = signal(zoneOfAddress() ?? offering.zone);
    this.month = signal(month);
    this.chosen = signal(chosen);
  }

  get away(): boolean {
    return this.zone.value !== this.offering.zone;
  }
  get today(): string {
    return words.dayIn(this.zone.value, Date.now());
  }
  get firstMonth(): string {
    return monthOf(this.today);
  }
  get lastMonth(): string {
    return monthOf(this.away ? addDays(this.offering.last, 1) : this.offering.last);
  }

  shownDay(days: Map<string, Time[]> | null): string | null {
    return this.chosen.value ?? days?.keys().next().value ?? null;
  }

  /** Which day of the grid the tab key reaches. */
  reachable(days: Map<string, Time[]> | null): string {
    for (const each of [this.focused.value, this.shownDay(days), this.today])
      if (each && monthOf(each) === this.month.value) return each;
    return firstOf(this.month.value);
  }

  async turn(month: string): Promise<void> {
    if (month < this.firstMonth || month > this.lastMonth) return;
    this.month.value = month;
    this.chosen.value = null;
    this.focused.value = null;
    this.keepAddress();
    await this.schedule.load(month, 10_000);
    if (this.month.value !== month) return;
    const days = this.days.value;
    const key = !days ? "live.monthUnknown" : days.size === 0 ? "live.monthNone" : "live.monthDays";
    this.say(say(key, { month: words.monthWords(noonOf(firstOf(month)), locale), n: days?.size ?? 0 }));
  }

  choose(date: string): void {
    const times = this.days.value?.get(date);
    if (!times) return;
    this.chosen.value = date;
    this.focused.value = date;
    this.keepAddress();
    this.say(say("live.dayTimes", { day: words.dayWords(noonOf(date), locale), n: times.length }));
  }

  see(zone: string): void {
    const shown = this.shownDay(this.days.value);
    const first = shown && this.days.value?.get(shown)?.[0];
    this.zone.value = zone;
    // The times that were looked at stay in sight, on whichever day they are there.
    if (first) {
      const date = words.dayIn(zone, first.start);
      this.month.value = monthOf(date);
      this.chosen.value = date;
      this.focused.value = null;
      void this.schedule.load(this.month.value, minute);
    }
    this.keepAddress();
  }

  say(text: string): void {
    this.spoken.value = text;
  }

  /** The address leads back here, also without this script. */
  keepAddress(): void {
    const address = new URL(location.href);
    address.searchParams.set("month", this.month.value);
    if (this.chosen.value) address.searchParams.set("day", this.chosen.value);
    else address.searchParams.delete("day");
    if (this.away) address.searchParams.set("zone", this.zone.value);
    else address.searchParams.delete("zone");
    history.replaceState(history.state, "", address);
  }

  /**
   * A form that is sent twice holds once; but what was held long ago has lapsed, so that a page that stays open asks anew every ten
   * minutes.
   */
  carried(name: string, value: string): string {
    return name === "nonce" ? `${value}.${Math.floor((Date.now() - this.since) / (10 * minute))}` : value;
  }
}

function zoneOfAddress(): string | null {
  const zone = new URL(location.href).searchParams.get("zone");
  try {
    return zone && new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/** Intl knows many zones by their old names. */
const canonical = (zone: string): string => new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;

function Turn({ picker, by, label, sign }: { picker: Picker; by: 1 | -1; label: string; sign: string }) {
  const to = addMonths(picker.month.value, by);
  const none = by < 0 ? to < picker.firstMonth : to > picker.lastMonth;
  const prefetch = (): void => {
    if (!none) void picker.schedule.load(to, minute);
  };
  return (
    <button
      type="button"
      class="step"
      aria-label={label}
      aria-disabled={none}
      onPointerEnter={prefetch}
      onFocus={prefetch}
      onClick={() => !none && void picker.turn(to)}
    >
      {sign}
    </button>
  );
}

function Grid({ picker }: { picker: Picker }) {
  const table = useRef<HTMLTableElement>(null);
  const moves = useRef(false);
  const days = picker.days.value;
  const month = picker.month.value;
  const shown = picker.shownDay(days);
  const reachable = picker.reachable(days);
  const failed = picker.schedule.month(month).value.failed;
  const name = words.monthWords(noonOf(firstOf(month)), locale);

  useLayoutEffect(() => {
    if (moves.current) table.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    moves.current = false;
  });

  const go = (to: string): void => {
    const first = firstOf(picker.firstMonth);
    const last = lastOf(picker.lastMonth);
    const date = to < first ? first : to > last ? last : to;
    if (monthOf(date) !== month) void picker.turn(monthOf(date));
    moves.current = true;
    picker.focused.value = date;
    // Where it was already, nothing is drawn anew.
    if (date === reachable) table.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  };
  const within = (date: string): string => (date < firstOf(month) ? firstOf(month) : date > lastOf(month) ? lastOf(month) : date);
  const keys: Record<string, () => void> = {
    ArrowLeft: () => go(addDays(reachable, -ahead)),
    ArrowRight: () => go(addDays(reachable, ahead)),
    ArrowUp: () => go(addDays(reachable, -7)),
    ArrowDown: () => go(addDays(reachable, 7)),
    Home: () => go(within(addDays(reachable, -weekdayOf(reachable)))),
    End: () => go(within(addDays(reachable, 6 - weekdayOf(reachable)))),
    PageUp: () => go(sameDayIn(addMonths(month, -1), reachable)),
    PageDown: () => go(sameDayIn(addMonths(month, 1), reachable)),
    Enter: () => picker.choose(reachable),
    " ": () => picker.choose(reachable),
  };

  return (
    <div class="month">
      <div class="turn">
        <Turn picker={picker} by={-1} label={say("times.before")} sign="‹" />
        <strong>{name}</strong>
        <Turn picker={picker} by={1} label={say("times.next")} sign="›" />
      </div>
      <table
        ref={table}
        role="grid"
        aria-label={name}
        aria-busy={!days && !failed}
        onKeyDown={(event) => {
          const act = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey ? undefined : keys[event.key];
          if (!act) return;
          event.preventDefault();
          act();
        }}
      >
        <thead>
          <tr>
            {Array.from({ length: 7 }, (_, i) => noonOf(addDays("2024-01-01", i)) /* a Monday */).map((noon) => (
              <th scope="col" key={noon}>
                <abbr title={words.weekdayWords(noon, locale, "long")}>{words.weekdayWords(noon, locale, "narrow")}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month).map((week) => (
            <tr key={week.find(Boolean)}>
              {week.map((date, i) => (date ? <Cell key={date} {...{ picker, date, days, shown, reachable }} /> : <td key={i} />))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell(props: { picker: Picker; date: string; days: Map<string, Time[]> | null; shown: string | null; reachable: string }) {
  const { picker, date, days } = props;
  const free = days?.get(date)?.length ?? 0;
  const today = date === picker.today;
  const name = words.dayWords(noonOf(date), locale);
  return (
    <td
      role="gridcell"
      tabIndex={date === props.reachable ? 0 : -1}
      aria-label={free || days ? say(free ? "times.dayFree" : "live.dayNone", { day: name, n: free }) : name}
      aria-selected={free > 0 ? date === props.shown : undefined}
      aria-disabled={free === 0 ? true : undefined}
      aria-current={today ? "date" : undefined}
      onClick={() => picker.choose(date)}
    >
      <span class={[free ? "free" : days ? "" : "skeleton", today ? "today" : ""].join(" ").trim()}>{Number(date.slice(8))}</span>
    </td>
  );
}

function Slot({ picker, time }: { picker: Picker; time: Time }) {
  const { offering, pending } = picker;
  const zone = picker.zone.value;
  const mine = pending.value === time.start;
  const until = time.end - time.start >= day ? words.dayAndTimeWords : words.timeWords;
  const sameDay = words.dayIn(offering.zone, time.start) === words.dayIn(zone, time.start);
  const there = sameDay ? words.timeWords : words.weekdayAndTimeWords;
  return (
    <form
      action={offering.action}
      method={offering.method}
      onSubmit={(event) => {
        if (pending.value !== null) event.preventDefault();
        else {
          pending.value = time.start;
          picker.say(say("live.wait"));
          setTimeout(() => (pending.value = null), 15_000); // where sending was stopped
        }
      }}
    >
      {offering.carried.map(([name, value]) => (
        <input type="hidden" key={name} name={name} value={picker.carried(name, value)} />
      ))}
      <input type="hidden" name="start" value={wire(time.start)} />
      <input type="hidden" name="end" value={wire(time.end)} />
      <button class={mine ? "slot pending" : "slot"} aria-disabled={pending.value !== null && !mine ? true : undefined}>
        <time dateTime={wire(time.start)}>{words.timeWords(time.start, zone, locale)}</time>{" "}
        <span>{mine ? say("live.moment") : say("times.to", { time: until(time.end, zone, locale) })}</span>
        {picker.away && (
          <span class="there">
            {" "}
            {say("live.there", { time: there(time.start, offering.zone, locale), place: words.cityOf(offering.zone) })}
          </span>
        )}
        {time.left !== null && <span class="left"> {say("times.left", { n: time.left })}</span>}
      </button>
    </form>
  );
}

/** As the API writes instants. */
const wire = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

function Day({ picker }: { picker: Picker }) {
  const month = picker.month.value;
  const { failed } = picker.schedule.month(month).value;
  const days = picker.days.value;
  const shown = picker.shownDay(days);
  const times = shown ? days?.get(shown) : undefined;
  const name = words.monthWords(noonOf(firstOf(month)), locale);
  const next = addMonths(month, 1);
  if (failed)
    return (
      <div class="day">
        <p class="none">{say("live.unknown")}</p>
        <button type="button" class="plain" onClick={() => void picker.turn(month)}>
          {say("live.again")}
        </button>
      </div>
    );
  if (days?.size === 0)
    return (
      <div class="day">
        <p class="none">{say("times.none", { month: name })}</p>
        {next <= picker.lastMonth ? (
          <button type="button" class="plain" onClick={() => void picker.turn(next)}>
            {say("times.lookNext")}
          </button>
        ) : (
          <a href={picker.offering.home}>{picker.offering.away}</a>
        )}
      </div>
    );
  return (
    <div class="day">
      <h3>{shown ? words.dayWords(noonOf(shown), locale) : name}</h3>
      {days && !times ? (
        <>
          <p class="none">{say("live.gone")}</p>
          <button type="button" class="plain" onClick={() => (picker.chosen.value = null)}>
            {say("live.firstDay")}
          </button>
        </>
      ) : (
        <ul class="slots" aria-busy={!days}>
          {times
            ? times.map((time) => (
                <li key={time.start}>
                  <Slot picker={picker} time={time} />
                </li>
              ))
            : Array.from({ length: 6 }, (_, i) => (
                <li key={i} aria-hidden="true">
                  <span class="slot skeleton" />
                </li>
              ))}
        </ul>
      )}
    </div>
  );
}

const allZones = signal<string[]>([]);

function Zones({ picker }: { picker: Picker }) {
  const { offering, ownZone } = picker;
  const here = offering.zone;
  const own = ownZone !== here && ownZone !== canonical(here) ? ownZone : null;
  const label = (zone: string): string => `${words.zoneWords(zone, Date.now(), locale)} (${zone})`;
  const named = [here, own, ...allZones.value];
  // Hundreds of options wait until somebody looks for one.
  const fill = (): void => {
    if (!allZones.value.length) allZones.value = Intl.supportedValuesOf("timeZone");
  };
  return (
    <p class="zone small">
      <label for="zone">{say("live.zone")}</label>{" "}
      <select id="zone" value={picker.zone.value} onPointerEnter={fill} onFocus={fill} onChange={(event) => picker.see(event.currentTarget.value)}>
        <option value={here}>{label(here)}</option>
        {own && <option value={own}>{say("live.yourTime", { zone: label(own) })}</option>}
        {!named.includes(picker.zone.value) && <option value={picker.zone.value}>{picker.zone.value}</option>}
        {allZones.value.length > 0 && (
          <optgroup label={say("live.everywhere")}>
            {allZones.value
              .filter((zone) => zone !== here && zone !== own)
              .map((zone) => (
                <option value={zone} key={zone}>
                  {zone.replaceAll("_", " ")}
                </option>
              ))}
          </optgroup>
        )}
      </select>
    </p>
  );
}

function Times({ picker }: { picker: Picker }) {
  return (
    <>
      <Grid picker={picker} />
      <Day picker={picker} />
      <Zones picker={picker} />
      <p class="sr" role="status">
        {picker.spoken}
      </p>
    </>
  );
}

export async function startTimes(root: HTMLElement): Promise<void> {
  const { slug, zone, least, quantity = "1", today, last, month, day: chosen, action = "", method = "", home = "/", away = "" } = root.dataset;
  const place = root.querySelector<HTMLElement>(".picker");
  if (!place || !slug || !zone || !today || !last || !month) return;
  const schedule = new Schedule(tenant, slug, Number(least), today, Number(quantity), { exact: "exact" in root.dataset, dailyIn: "daily" in root.dataset ? zone : null });
  const carried = [...root.querySelectorAll<HTMLInputElement>(".carried input")].map((input): [string, string] => [input.name, input.value]);
  const picker = new Picker({ zone, today, last, action, method, carried, home, away }, schedule, month, chosen || null);

  const refresh = (freshMs: number): Promise<void> => schedule.load(picker.month.value, freshMs);
  const takeOver = (): void => {
    if (place.dataset["live"] || !schedule.month(picker.month.value).value.times) return;
    place.dataset["live"] = "yes";
    // Whoever is in the grid already stays there.
    const had = place.contains(document.activeElement) ? document.activeElement?.closest("td, .turn, .slots") : null;
    const kind = had?.className || had?.tagName.toLowerCase();
    render(<Times picker={picker} />, place);
    if (kind === "td") place.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    else if (kind && !place.contains(document.activeElement)) place.querySelector<HTMLElement>(`.${kind} button`)?.focus();
  };
  const again = async (freshMs: number): Promise<void> => {
    await refresh(freshMs);
    takeOver();
  };
  setInterval(() => document.visibilityState === "visible" && void again(0), minute);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void again(10_000));
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return; // back from the checkout, out of the browser's memory
    picker.pending.value = null;
    void again(0);
  });
  await again(0);
}
