// Holidays and special days, on a calendar of the month and as a list.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { addDays, addMonths, firstOf, monthOf, noonOf, weeksOf } from "../calendar";
import { State } from "../ui/bits";
import { confirmed, Dialog } from "../ui/dialog";
import { Choice, Count, Send, sending, Text, Trouble, useForm } from "../ui/form";
import { Menu } from "../ui/menu";
import { client, ok, unchanged, type Schemas } from "../ui/problem";
import { attempt, say } from "../ui/toast";
import { dayIn, dayWords, monthWords, weekdayWords } from "../words";
import { mayEdit } from "./session";

type Exception = Schemas["AvailabilityException"];
type Offering = Schemas["Offering"];
const locale = navigator.language;
const shown = (local: string): string => local.slice(0, 16).replace("T", " ");

function Edit({ offering, exception, day, onClose, onSaved }: { offering: Offering; exception: Exception | null; day: string; onClose: () => void; onSaved: () => void }): VNode {
  const form = useForm(() => ({
    kind: (exception?.kind ?? "BLOCK") as Exception["kind"],
    startsAt: exception?.startsAt.slice(0, 16) ?? `${day}T00:00`,
    endsAt: exception?.endsAt.slice(0, 16) ?? `${addDays(day, 1)}T00:00`,
    note: exception?.note ?? "",
    slotMinutes: exception?.slotMinutes ?? null,
    capacity: exception?.capacity ?? null,
  }));
  const open = form.get("kind") === "OPEN";
  const save = async (): Promise<void> => {
    const done = await form.send(({ slotMinutes, capacity, ...rest }) => {
      const body = { ...rest, ...(open && { slotMinutes, capacity }) };
      return exception
        ? ok(client.PATCH("/v1/provider/offerings/{id}/availability/exceptions/{exceptionId}", { params: { path: { id: offering.id, exceptionId: exception.id } }, headers: unchanged(exception), body }))
        : ok(client.POST("/v1/provider/offerings/{id}/availability/exceptions", { params: { path: { id: offering.id } }, body: body as Schemas["AvailabilityExceptionCreate"] }));
    });
    if (done) {
      say("Saved.");
      onSaved();
    }
  };
  return (
    <Dialog title={exception ? "Change this" : dayWords(noonOf(day), locale)} onClose={onClose}>
      <form onSubmit={sending(save)}>
        <Choice form={form} name="kind" label="What" options={[["BLOCK", "Closed"], ["OPEN", "Open, besides the usual hours"]]} />
        <div class="row">
          <Text form={form} name="startsAt" label="From" type="datetime-local" required />
          <Text form={form} name="endsAt" label="To" type="datetime-local" required />
        </div>
        {open && (
          <div class="row">
            <Count form={form} name="slotMinutes" label="Each lasts" unit="min" min={1} optional hint="Empty: as usual." />
            <Count form={form} name="capacity" label="At a time" min={1} optional />
          </div>
        )}
        <Text form={form} name="note" label="Note" hint="For you and your team." />
        <Trouble form={form} shown={["kind", "startsAt", "endsAt", "note", "slotMinutes", "capacity"]} />
        <Send form={form} label="Save" />
      </form>
    </Dialog>
  );
}

export function Exceptions({ offering, exceptions, again }: { offering: Offering; exceptions: Exception[]; again: () => Promise<void> }): VNode {
  const today = dayIn(offering.timeZone, Date.now());
  const month = useSignal(monthOf(today));
  const editing = useSignal<{ exception: Exception | null; day: string } | null>(null);
  const on = (day: string): Exception[] => exceptions.filter(({ startsAt, endsAt }) => startsAt < `${addDays(day, 1)}T00:00` && endsAt > `${day}T00:00`);
  const remove = async (exception: Exception): Promise<void> => {
    if (!(await confirmed("Delete this?", `${shown(exception.startsAt)} to ${shown(exception.endsAt)} ${exception.note}`, "Delete it"))) return;
    const path = { id: offering.id, exceptionId: exception.id };
    if (await attempt(() => ok(client.DELETE("/v1/provider/offerings/{id}/availability/exceptions/{exceptionId}", { params: { path } })), "Deleted.")) await again();
  };
  const coming = [...exceptions].filter(({ endsAt }) => endsAt >= today).sort((a, b) => a.startsAt.localeCompare(b.startsAt));
  return (
    <div class="columns">
      <div>
        <div class="turn">
          <button type="button" class="second" aria-label="The month before" onClick={() => (month.value = addMonths(month.value, -1))}>
            ‹
          </button>
          <strong aria-live="polite">{monthWords(noonOf(firstOf(month.value)), locale)}</strong>
          <button type="button" class="second" aria-label="The next month" onClick={() => (month.value = addMonths(month.value, 1))}>
            ›
          </button>
        </div>
        <table class="month">
          <caption class="sr">{monthWords(noonOf(firstOf(month.value)), locale)}</caption>
          <thead>
            <tr>
              {Array.from({ length: 7 }, (_, i) => (
                <th scope="col" key={i}>
                  <abbr title={weekdayWords(Date.UTC(2024, 0, 1 + i, 12), locale, "long")}>{weekdayWords(Date.UTC(2024, 0, 1 + i, 12), locale, "narrow")}</abbr>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeksOf(month.value).map((week, i) => (
              <tr key={i}>
                {week.map((day, j) => {
                  const kinds = day ? on(day).map(({ kind }) => kind) : [];
                  const mark = kinds.includes("BLOCK") ? "blocked" : kinds.includes("OPEN") ? "opened" : "";
                  return (
                    <td key={j}>
                      {day && (
                        <button
                          type="button"
                          class={`day-of ${mark} ${day === today ? "today" : ""}`}
                          disabled={!mayEdit()}
                          aria-label={`${dayWords(noonOf(day), locale)}${mark && `, ${mark}`}`}
                          onClick={() => (editing.value = { exception: on(day)[0] ?? null, day })}
                        >
                          {Number(day.slice(8))}
                        </button>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
        <p class="hint">Choose a day to close it, or to open it at other hours. Times are in {offering.timeZone.replaceAll("_", " ")}.</p>
      </div>
      <div>
        {coming.length === 0 ? (
          <p class="quiet">No day differs from now on.</p>
        ) : (
          <ul class="lines">
            {coming.map((exception) => (
              <li key={exception.id}>
                <div>
                  <strong>{exception.note || (exception.kind === "BLOCK" ? "Closed" : "Open")}</strong>
                  <span class="quiet">
                    {shown(exception.startsAt)} – {shown(exception.endsAt)}
                  </span>
                </div>
                <span class="right">
                  <State of={exception.kind === "BLOCK" ? "CANCELLED" : "ACTIVE"} words={exception.kind === "BLOCK" ? "Closed" : "Open"} />
                  {mayEdit() && (
                    <Menu
                      label={`Actions for ${exception.note || shown(exception.startsAt)}`}
                      actions={[
                        { label: "Change …", act: () => (editing.value = { exception, day: exception.startsAt.slice(0, 10) }) },
                        { label: "Delete …", danger: true, act: () => void remove(exception) },
                      ]}
                    />
                  )}
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
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
    </div>
  );
}
