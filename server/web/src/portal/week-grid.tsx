// The week as a grid: a row for each day, its hours as bars. Bars open by a click or by Enter; new ones are drawn with the mouse, or made by
// the button beside each day.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { confirmed, Dialog } from "../ui/dialog";
import { Count, Send, sending, Text, Trouble, useForm } from "../ui/form";
import { client, ok, unchanged, type Schemas } from "../ui/problem";
import { attempt, say } from "../ui/toast";
import { weekdayWords } from "../words";
import { Weekdays } from "./pricing-rules";
import { mayEdit } from "./session";

type Rule = Schemas["AvailabilityRule"];
type Offering = Schemas["Offering"];

const weekday = (day: number): string => weekdayWords(Date.UTC(2023, 0, 1 + day, 12), navigator.language, "long");
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const timeOf = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
/** What is drawn snaps to these. */
const step = 30;

/** Styles are set here, since the page's policy takes none from markup. */
function Bar({ rule, onOpen }: { rule: Rule; onOpen: () => void }): VNode {
  const bar = useRef<HTMLButtonElement>(null);
  const from = minutesOf(rule.startTime);
  const end = minutesOf(rule.endTime);
  const to = end <= from ? 1440 : end;
  useEffect(() => {
    bar.current?.style.setProperty("left", `${(from / 1440) * 100}%`);
    bar.current?.style.setProperty("width", `${((to - from) / 1440) * 100}%`);
  }, [from, to]);
  return (
    <button ref={bar} type="button" class="bar-of" onClick={onOpen} aria-label={`${weekday(rule.dayOfWeek)}, ${rule.startTime}–${rule.endTime}, ${rule.slotMinutes} minutes each, ${rule.capacity} at a time`}>
      {rule.startTime}–{rule.endTime}
    </button>
  );
}

/** Hours are drawn on it from one end to the other, either way. */
function Lane({ onDrawn, children }: { onDrawn: ((from: number, to: number) => void) | undefined; children: ComponentChildren }): VNode {
  const lane = useRef<HTMLDivElement>(null);
  const drawn = useSignal<{ from: number; to: number } | null>(null);
  const ghost = useRef<HTMLSpanElement>(null);
  const now = drawn.value;
  useEffect(() => {
    if (!now) return;
    ghost.current?.style.setProperty("left", `${(now.from / 1440) * 100}%`);
    ghost.current?.style.setProperty("width", `${((now.to - now.from) / 1440) * 100}%`);
  }, [now]);
  const minuteAt = (x: number): number => {
    const { left, width } = lane.current!.getBoundingClientRect();
    return Math.min(1440, Math.max(0, Math.round((((x - left) / width) * 1440) / step) * step));
  };
  const draw = (event: PointerEvent): void => {
    if (!onDrawn || event.button !== 0 || event.pointerType !== "mouse" || (event.target as Element).closest("button")) return;
    event.preventDefault();
    const start = minuteAt(event.clientX);
    const move = (now: PointerEvent): void => {
      const at = minuteAt(now.clientX);
      drawn.value = at === start ? null : { from: Math.min(start, at), to: Math.max(start, at) };
    };
    const stop = (): void => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("keydown", cancel);
    };
    const end = (): void => {
      stop();
      const done = drawn.value;
      drawn.value = null;
      if (done) onDrawn(done.from, done.to);
    };
    const cancel = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      stop();
      drawn.value = null;
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("keydown", cancel);
  };
  return (
    <div ref={lane} class={onDrawn ? "lane may-draw" : "lane"} onPointerDown={draw}>
      {children}
      {now && (
        <span ref={ghost} class="bar-of drawn" aria-hidden="true">
          {timeOf(now.from)}–{timeOf(now.to)}
        </span>
      )}
    </div>
  );
}

interface Draft {
  days: number[];
  startTime: string;
  endTime: string;
  slotMinutes: number | null;
  stepMinutes: number | null;
  capacity: number | null;
  validFrom: string;
  validUntil: string;
}

interface Editing {
  rule: Rule | null;
  day: number;
  /** Of new hours, where they were drawn. */
  from?: string;
  to?: string;
}

function Edit({ offering, rule, day, from, to, onClose, onSaved }: Editing & { offering: Offering; onClose: () => void; onSaved: () => void }): VNode {
  const form = useForm<Draft>(() => ({
    days: [rule?.dayOfWeek ?? day],
    startTime: rule?.startTime ?? from ?? "09:00",
    endTime: rule?.endTime ?? to ?? "17:00",
    slotMinutes: rule?.slotMinutes ?? 60,
    stepMinutes: rule?.stepMinutes ?? null,
    capacity: rule?.capacity ?? 1,
    validFrom: rule?.validFrom ?? "",
    validUntil: rule?.validUntil ?? "",
  }));
  const save = async (): Promise<void> => {
    const done = await form.send(async ({ days, validFrom, validUntil, ...rest }) => {
      const of = (dayOfWeek: number): Schemas["AvailabilityRuleCreate"] =>
        ({ ...rest, dayOfWeek, validFrom: validFrom || null, validUntil: validUntil || null }) as Schemas["AvailabilityRuleCreate"];
      if (rule) {
        const path = { id: offering.id, ruleId: rule.id };
        await ok(client.PATCH("/v1/provider/offerings/{id}/availability/rules/{ruleId}", { params: { path }, headers: unchanged(rule), body: of(rule.dayOfWeek) }));
      } else {
        for (const one of days) await ok(client.POST("/v1/provider/offerings/{id}/availability/rules", { params: { path: { id: offering.id } }, body: of(one) }));
      }
    });
    if (done) {
      say("Saved.");
      onSaved();
    }
  };
  const remove = async (): Promise<void> => {
    if (!rule || !(await confirmed("Delete these hours?", `${weekday(rule.dayOfWeek)}, ${rule.startTime} to ${rule.endTime}. Bookings stay.`, "Delete them"))) return;
    const path = { id: offering.id, ruleId: rule.id };
    if (await attempt(() => ok(client.DELETE("/v1/provider/offerings/{id}/availability/rules/{ruleId}", { params: { path } })), "Deleted.")) onSaved();
  };
  return (
    <Dialog title={rule ? `${weekday(rule.dayOfWeek)}` : "Opening hours"} onClose={onClose}>
      <form onSubmit={sending(save)}>
        {!rule && <Weekdays label="Days" chosen={form.get("days")} set={(days) => form.set("days", days)} />}
        <div class="row">
          <Text form={form} name="startTime" label="From" type="time" required />
          <Text form={form} name="endTime" label="To" required hint="HH:MM, up to 24:00. At or before the start it is the next day." />
        </div>
        <div class="row">
          <Count form={form} name="slotMinutes" label="Each lasts" unit="min" min={1} />
          <Count form={form} name="stepMinutes" label="One starts every" unit="min" min={1} optional hint="Empty: one after the other." />
          <Count form={form} name="capacity" label="At a time" min={1} />
        </div>
        <div class="row">
          <Text form={form} name="validFrom" label="First day" type="date" />
          <Text form={form} name="validUntil" label="Last day" type="date" />
        </div>
        <Trouble form={form} shown={["startTime", "endTime", "slotMinutes", "stepMinutes", "capacity", "validFrom", "validUntil"]} />
        <Send form={form} label="Save">
          {rule && (
            <button type="button" class="second" onClick={() => void remove()}>
              Delete
            </button>
          )}
        </Send>
      </form>
    </Dialog>
  );
}

export function WeekGrid({ offering, rules, again }: { offering: Offering; rules: Rule[]; again: () => Promise<void> }): VNode {
  const editing = useSignal<Editing | null>(null);
  return (
    <>
      {mayEdit() && <p class="hint wide-only">Draw hours on a day with the mouse, or choose + beside it. A bar opens what it is.</p>}
      <div class="grid-week">
        <div class="hours" aria-hidden="true">
          {[0, 6, 12, 18, 24].map((hour) => (
            <span key={hour}>{String(hour).padStart(2, "0")}:00</span>
          ))}
        </div>
        <ul>
          {[1, 2, 3, 4, 5, 6, 0].map((day) => {
            const own = rules.filter(({ dayOfWeek }) => dayOfWeek === day).sort((a, b) => a.startTime.localeCompare(b.startTime));
            return (
              <li key={day}>
                <h3>{weekday(day)}</h3>
                <Lane onDrawn={mayEdit() ? (from, to) => (editing.value = { rule: null, day, from: timeOf(from), to: timeOf(to) }) : undefined}>
                  {own.map((rule) => (
                    <Bar key={rule.id + rule.startTime + rule.endTime} rule={rule} onOpen={() => mayEdit() && (editing.value = { rule, day })} />
                  ))}
                  {own.length === 0 && <span class="quiet">Closed</span>}
                </Lane>
                {mayEdit() && (
                  <button type="button" class="plain" aria-label={`Add hours on ${weekday(day)}`} onClick={() => (editing.value = { rule: null, day })}>
                    +
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      </div>
      {mayEdit() && rules.length === 0 && (
        <p>
          <button type="button" onClick={() => (editing.value = { rule: null, day: 1 })}>
            Set the opening hours
          </button>
        </p>
      )}
      {editing.value && (
        <Edit
          offering={offering}
          {...editing.value}
          onClose={() => (editing.value = null)}
          onSaved={() => {
            editing.value = null;
            void again();
          }}
        />
      )}
    </>
  );
}
