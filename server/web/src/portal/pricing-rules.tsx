// Rules that move the price, and what a booking would cost by them.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { State } from "../ui/bits";
import { Moment } from "../ui/dates";
import { confirmed, Dialog } from "../ui/dialog";
import { Check, Choice, Count, Send, sending, Text, Trouble, useForm } from "../ui/form";
import { Empty, everything, Show, useLoad } from "../ui/load";
import { Menu } from "../ui/menu";
import { money, minorOf, typed } from "../ui/money";
import { client, ok, unchanged, wordsOf, type Schemas } from "../ui/problem";
import { attempt, say } from "../ui/toast";
import { weekdayWords } from "../words";
import { mayEdit } from "./session";

type Rule = Schemas["PricingRule"];
type Offering = Schemas["Offering"];

const locale = navigator.language;
/** Sunday first, as the API counts. */
const weekday = (day: number, width: "narrow" | "long"): string => weekdayWords(Date.UTC(2023, 0, 1 + day, 12), locale, width);

export const adjustWords = ({ kind, value }: Rule["adjust"], currency: string): string => {
  const sign = value > 0 ? "+" : "−";
  return kind === "PERCENT" ? `${sign}${Math.abs(value)} %` : kind === "FIXED" ? `${sign}${money(Math.abs(value), currency)}` : `= ${money(value, currency)}`;
};

function whenWords({ daysOfWeek, localTimeRange, localDateRange, leadTimeHours, occupancyPct }: Rule["when"]): string {
  const range = (of: { min: number | null; max: number | null }, unit: string): string =>
    of.min === null ? `below ${of.max} ${unit}` : of.max === null ? `from ${of.min} ${unit}` : `${of.min} to ${of.max} ${unit}`;
  const parts = [
    daysOfWeek.length > 0 && daysOfWeek.map((day) => weekday(day, "long")).join(", "),
    localTimeRange && `${localTimeRange.from} – ${localTimeRange.to}`,
    localDateRange && `${localDateRange.from ?? "…"} – ${localDateRange.to ?? "…"}`,
    leadTimeHours && `booked ${range(leadTimeHours, "hours")} ahead`,
    occupancyPct && `${range(occupancyPct, "%")} taken`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(" · ") : "always";
}

interface Draft {
  name: string;
  active: boolean;
  priority: number | null;
  kind: Rule["adjust"]["kind"];
  value: string;
  daysOfWeek: number[];
  from: string;
  to: string;
  firstDay: string;
  lastDay: string;
  leadMin: number | null;
  leadMax: number | null;
  occMin: number | null;
  occMax: number | null;
}

const draftOf = (rule: Rule | null, currency: string): Draft => ({
  name: rule?.name ?? "",
  active: rule?.active ?? true,
  priority: rule?.priority ?? 0,
  kind: rule?.adjust.kind ?? "PERCENT",
  value: rule ? (rule.adjust.kind === "PERCENT" ? String(rule.adjust.value) : typed(rule.adjust.value, currency)) : "20",
  daysOfWeek: rule?.when.daysOfWeek ?? [],
  from: rule?.when.localTimeRange?.from ?? "",
  to: rule?.when.localTimeRange?.to ?? "",
  firstDay: rule?.when.localDateRange?.from ?? "",
  lastDay: rule?.when.localDateRange?.to ?? "",
  leadMin: rule?.when.leadTimeHours?.min ?? null,
  leadMax: rule?.when.leadTimeHours?.max ?? null,
  occMin: rule?.when.occupancyPct?.min ?? null,
  occMax: rule?.when.occupancyPct?.max ?? null,
});

function bodyOf(draft: Draft, currency: string): Schemas["PricingRuleCreate"] {
  const range = (min: number | null, max: number | null): { min: number | null; max: number | null } | null => (min === null && max === null ? null : { min, max });
  return {
    name: draft.name,
    active: draft.active,
    priority: draft.priority ?? 0,
    adjust: { kind: draft.kind, value: draft.kind === "PERCENT" ? Math.round(Number(draft.value)) : (minorOf(draft.value, currency) ?? NaN) },
    when: {
      daysOfWeek: draft.daysOfWeek,
      localTimeRange: draft.from || draft.to ? { from: draft.from, to: draft.to } : null,
      localDateRange: draft.firstDay || draft.lastDay ? { from: draft.firstDay || null, to: draft.lastDay || null } : null,
      leadTimeHours: range(draft.leadMin, draft.leadMax),
      occupancyPct: range(draft.occMin, draft.occMax),
    },
  } as Schemas["PricingRuleCreate"];
}

export function Weekdays({ chosen, label, set }: { chosen: readonly number[]; label: string; set: (days: number[]) => void }): VNode {
  return (
    <fieldset class="weekdays">
      <legend>{label}</legend>
      {[1, 2, 3, 4, 5, 6, 0].map((day) => (
        <label key={day} title={weekday(day, "long")}>
          <input
            type="checkbox"
            checked={chosen.includes(day)}
            onChange={(e) => set(e.currentTarget.checked ? [...chosen, day].sort() : chosen.filter((one) => one !== day))}
          />
          <span aria-hidden="true">{weekday(day, "narrow")}</span>
          <span class="sr">{weekday(day, "long")}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Edit({ offering, rule, onClose, onSaved }: { offering: Offering; rule: Rule | null; onClose: () => void; onSaved: () => void }): VNode {
  const form = useForm(() => draftOf(rule, offering.currency));
  const save = async (): Promise<void> => {
    const done = await form.send((draft) => {
      const body = bodyOf(draft, offering.currency);
      return rule
        ? ok(client.PATCH("/v1/provider/offerings/{id}/pricing-rules/{ruleId}", { params: { path: { id: offering.id, ruleId: rule.id } }, headers: unchanged(rule), body }))
        : ok(client.POST("/v1/provider/offerings/{id}/pricing-rules", { params: { path: { id: offering.id } }, body }));
    });
    if (done) {
      say("Saved.");
      onSaved();
    }
  };
  return (
    <Dialog title={rule ? "Change this rule" : "New pricing rule"} wide onClose={onClose}>
      <form onSubmit={sending(save)}>
        <Text form={form} name="name" label="Name" required hint="Customers see it beside the price: Weekend, Early bird …" />
        <div class="row">
          <Choice form={form} name="kind" label="Changes the price" options={[["PERCENT", "by per cent"], ["FIXED", "by an amount"], ["OVERRIDE", "to an amount"]]} />
          <Text form={form} name="value" label={form.get("kind") === "PERCENT" ? "Per cent" : `Amount in ${offering.currency}`} required hint="Below zero makes it cheaper." />
        </div>
        <Weekdays label="On these days" chosen={form.get("daysOfWeek")} set={(days) => form.set("daysOfWeek", days)} />
        <div class="row">
          <Text form={form} name="from" label="From (time)" type="time" />
          <Text form={form} name="to" label="To (time)" type="time" />
          <Text form={form} name="firstDay" label="First day" type="date" />
          <Text form={form} name="lastDay" label="Last day" type="date" />
        </div>
        <div class="row">
          <Count form={form} name="leadMin" label="Booked at least" unit="hours ahead" min={0} optional />
          <Count form={form} name="leadMax" label="and below" unit="hours ahead" min={0} optional />
        </div>
        <div class="row">
          <Count form={form} name="occMin" label="Taken at least" unit="%" min={0} max={100} optional />
          <Count form={form} name="occMax" label="and below" unit="%" min={0} max={100} optional />
        </div>
        <Count form={form} name="priority" label="Order" hint="Rules apply one after the other, the lowest first." />
        <Check form={form} name="active" label="In force" />
        <Trouble form={form} shown={["name", "priority"]} />
        <Send form={form} label="Save" />
      </form>
    </Dialog>
  );
}

function Preview({ offering, about }: { offering: Offering; about: unknown }): VNode {
  const next = new Date(Math.ceil(Date.now() / 86_400_000) * 86_400_000 + 12 * 3_600_000);
  const form = useForm({ startsAt: next.toISOString().replace(".000Z", "Z"), minutes: 60 as number | null, occupancyPct: 0 as number | null });
  const { startsAt, minutes, occupancyPct } = form.values.value;
  const quote = useLoad(async () => {
    try {
      const endsAt = new Date(Date.parse(startsAt) + (minutes || 60) * 60_000).toISOString().replace(".000Z", "Z");
      const body = { startsAt, endsAt, occupancyPct: occupancyPct ?? 0 } as Schemas["QuotePreview"];
      return { quote: await ok(client.POST("/v1/provider/offerings/{id}/quote-preview", { params: { path: { id: offering.id } }, body })), words: "" };
    } catch (error) {
      return { quote: null, words: wordsOf(error) };
    }
  }, [startsAt, minutes, occupancyPct, about]);
  return (
    <section class="card">
      <h2>What it would cost</h2>
      <div class="row">
        <Moment form={form} name="startsAt" label="From" zone={offering.timeZone} />
        <Count form={form} name="minutes" label="For" unit="min" min={1} />
        <Count form={form} name="occupancyPct" label="When taken" unit="%" min={0} max={100} />
      </div>
      <Show of={quote} rows={2}>
        {({ quote, words }) =>
          !quote ? (
            <p class="quiet">{words}</p>
          ) : (
            <table class="prices">
              <caption class="sr">The price, step by step</caption>
              <tbody>
                {quote.lines.map((line) => (
                  <tr key={line.label}>
                    <th scope="row">
                      {line.label}
                      <ul>
                        {line.steps.map((step, i) => (
                          <li key={i} class="quiet">
                            {step.label} {money(step.amountCents, quote.currency)}
                          </li>
                        ))}
                      </ul>
                    </th>
                    <td>{money(line.subtotalCents, quote.currency)}</td>
                  </tr>
                ))}
                <tr class="total">
                  <th scope="row">Total{quote.taxCents > 0 && `, with ${money(quote.taxCents, quote.currency)} of tax`}</th>
                  <td>{money(quote.totalCents, quote.currency)}</td>
                </tr>
              </tbody>
            </table>
          )
        }
      </Show>
    </section>
  );
}

export function PricingRules({ offering }: { offering: Offering }): VNode {
  const rules = useLoad(() => everything((query) => ok(client.GET("/v1/provider/offerings/{id}/pricing-rules", { params: { path: { id: offering.id }, query } }))), [offering.id]);
  const editing = useSignal<Rule | "new" | null>(null);
  const remove = async (rule: Rule): Promise<void> => {
    if (!(await confirmed(`Delete ${rule.name}?`, "Bookings that were priced by it keep their price.", "Delete it"))) return;
    const path = { id: offering.id, ruleId: rule.id };
    if (await attempt(() => ok(client.DELETE("/v1/provider/offerings/{id}/pricing-rules/{ruleId}", { params: { path } })), "Deleted.")) await rules.again();
  };
  const create = mayEdit() && (
    <button type="button" onClick={() => (editing.value = "new")}>
      New rule
    </button>
  );
  return (
    <>
      <section class="card">
        <h2>Rules {create}</h2>
        <Show of={rules}>
          {(all) =>
            all.length === 0 ? (
              <Empty title="The price is always the base price">
                <p>Rules raise it at busy times, or lower it for those who book early.</p>
              </Empty>
            ) : (
              <ul class="lines">
                {[...all]
                  .sort((a, b) => a.priority - b.priority || a.id.localeCompare(b.id))
                  .map((rule) => (
                    <li key={rule.id}>
                      <div>
                        <strong>
                          {rule.name} {adjustWords(rule.adjust, offering.currency)}
                        </strong>
                        <span class="quiet">{whenWords(rule.when)}</span>
                      </div>
                      <span class="right">
                        {!rule.active && <State of="DISABLED" words="Off" />}
                        {mayEdit() && (
                          <Menu
                            label={`Actions for ${rule.name}`}
                            actions={[
                              { label: "Change …", act: () => (editing.value = rule) },
                              { label: "Delete …", danger: true, act: () => void remove(rule) },
                            ]}
                          />
                        )}
                      </span>
                    </li>
                  ))}
              </ul>
            )
          }
        </Show>
      </section>
      <Preview offering={offering} about={rules.data} />
      {editing.value && (
        <Edit
          offering={offering}
          rule={editing.value === "new" ? null : editing.value}
          onClose={() => (editing.value = null)}
          onSaved={() => {
            editing.value = null;
            void rules.again();
          }}
        />
      )}
    </>
  );
}
