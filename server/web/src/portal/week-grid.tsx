// The week as a grid: a row for each day, its hours as bars. Bars open by a click or by Enter; new ones are made beside each day.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
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

function Edit({ offering, rule, day, onClose, onSaved }: { offering: Offering; rule: Rule | null; day: number; onClose: () => void; onSaved: () => void }): VNode {
  const form = useForm<Draft>(() => ({
    days: [rule?.dayOfWeek ?? day],
    startTime: rule?.startTime ?? "09:00",
    endTime: rule?.endTime ?? "17:00",
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
  const editing = useSignal<{ rule: Rule | null; day: number } | null>(null);
  return (
    <>
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
                <div class="lane">
                  {own.map((rule) => (
                    <Bar key={rule.id + rule.startTime + rule.endTime} rule={rule} onOpen={() => mayEdit() && (editing.value = { rule, day })} />
                  ))}
                  {own.length === 0 && <span class="quiet">Closed</span>}
                </div>
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
