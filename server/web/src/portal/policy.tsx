// What a cancellation gives back, and what that means in words.

import type { VNode } from "preact";

import { Field, type Form } from "../ui/form";
import type { Schemas } from "../ui/problem";

type Rule = Schemas["CancellationPolicy"];
interface Owner {
  cancellationPolicy: Rule;
}

/** The tiers of the kinds that have their own (contract §7). */
const known: Record<string, Rule["tiers"]> = {
  FLEXIBLE: [{ hoursBefore: 24, refundPercent: 100 }],
  MODERATE: [{ hoursBefore: 120, refundPercent: 100 }, { hoursBefore: 24, refundPercent: 50 }],
  STRICT: [{ hoursBefore: 168, refundPercent: 50 }],
};

const hours = (count: number): string => (count % 24 === 0 && count >= 48 ? `${count / 24} days` : count === 1 ? "1 hour" : `${count} hours`);

/** As customers will read it. */
export function policyWords({ kind, tiers, graceMinutes }: Rule): string[] {
  const all = [...(known[kind] ?? tiers)].sort((a, b) => b.hoursBefore - a.hoursBefore);
  const lines = all.map(({ hoursBefore, refundPercent }) => `Until ${hours(hoursBefore)} before the start: ${refundPercent} % back.`);
  lines.push(all.some(({ hoursBefore }) => hoursBefore === 0) ? "Once it has begun: nothing back." : "Later: nothing back.");
  if (graceMinutes > 0) lines.push(`Within ${graceMinutes} minutes of booking: all of it back.`);
  return lines;
}

export function Policy({ form }: { form: Form<Owner & object> }): VNode {
  const policy = form.get("cancellationPolicy");
  const set = (change: Partial<Rule>): void => form.set("cancellationPolicy", { ...policy, ...change });
  const tiers = known[policy.kind] ?? policy.tiers;
  return (
    <fieldset>
      <legend>Cancellation</legend>
      <div class="row">
        <Field label="Policy">
          {(bound) => (
            <select
              {...bound}
              value={policy.kind}
              onChange={(e) => {
                const kind = e.currentTarget.value as Rule["kind"];
                set({ kind, tiers: kind === "CUSTOM" ? tiers : [] });
              }}
            >
              <option value="FLEXIBLE">Flexible</option>
              <option value="MODERATE">Moderate</option>
              <option value="STRICT">Strict</option>
              <option value="CUSTOM">Our own</option>
            </select>
          )}
        </Field>
        <Field label="Change of mind" hint="Minutes after booking in which all goes back.">
          {(bound) => <input {...bound} type="number" min={0} max={10080} value={policy.graceMinutes} onInput={(e) => set({ graceMinutes: Math.round(Number(e.currentTarget.value)) || 0 })} />}
        </Field>
      </div>
      {policy.kind === "CUSTOM" &&
        policy.tiers.map((tier, i) => (
          <div class="row tier" key={i}>
            <Field label={`Hours before the start, step ${i + 1}`} fault={form.faults.value[`/cancellationPolicy/tiers/${i}/hoursBefore`]}>
              {(bound) => (
                <input {...bound} type="number" min={0} value={tier.hoursBefore} onInput={(e) => set({ tiers: policy.tiers.map((one, j) => (i === j ? { ...one, hoursBefore: Math.round(Number(e.currentTarget.value)) } : one)) })} />
              )}
            </Field>
            <Field label={`Per cent back, step ${i + 1}`} fault={form.faults.value[`/cancellationPolicy/tiers/${i}/refundPercent`]}>
              {(bound) => (
                <input {...bound} type="number" min={0} max={100} value={tier.refundPercent} onInput={(e) => set({ tiers: policy.tiers.map((one, j) => (i === j ? { ...one, refundPercent: Math.round(Number(e.currentTarget.value)) } : one)) })} />
              )}
            </Field>
            <button type="button" class="plain" aria-label={`Take step ${i + 1} away`} onClick={() => set({ tiers: policy.tiers.filter((_, j) => i !== j) })}>
              ×
            </button>
          </div>
        ))}
      {policy.kind === "CUSTOM" && (
        <button type="button" class="second" onClick={() => set({ tiers: [...policy.tiers, { hoursBefore: 24, refundPercent: 50 }] })}>
          Add a step
        </button>
      )}
      <ul class="preview" aria-label="As customers read it">
        {policyWords(policy).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </fieldset>
  );
}
