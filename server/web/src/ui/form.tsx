// Forms: values, what is wrong with them by JSON pointer, and fields that show both.

import { signal, type Signal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useId, useMemo, useState } from "preact/hooks";

import { Problem, wordsOf } from "./problem";

export class Form<T extends object> {
  readonly values: Signal<T>;
  readonly faults = signal<Record<string, string>>({});
  readonly trouble = signal("");
  readonly busy = signal(false);
  private start: T;

  constructor(initial: T) {
    this.start = initial;
    this.values = signal(initial);
  }
  get<K extends keyof T>(name: K): T[K] {
    return this.values.value[name];
  }
  set<K extends keyof T>(name: K, value: T[K]): void {
    this.values.value = { ...this.values.value, [name]: value };
    const { [`/${String(name)}`]: gone, ...rest } = this.faults.value;
    if (gone !== undefined) this.faults.value = rest;
  }
  /** As it is on the server now. */
  reset(values: T): void {
    this.start = values;
    this.values.value = values;
    this.faults.value = {};
    this.trouble.value = "";
  }
  get changed(): boolean {
    return JSON.stringify(this.start) !== JSON.stringify(this.values.value);
  }
  /** Only what differs from what was there. */
  get changes(): Partial<T> {
    return this.changesOf(this.values.value);
  }
  changesOf(values: T): Partial<T> {
    const all = Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(this.start[name as keyof T]));
    return Object.fromEntries(all) as Partial<T>;
  }
  /** Sends; what is refused goes to its fields, and the first of them is gone to. @returns whether it was taken */
  async send(act: (values: T) => Promise<unknown>): Promise<boolean> {
    if (this.busy.value) return false;
    this.busy.value = true;
    this.faults.value = {};
    this.trouble.value = "";
    try {
      await act(this.values.value);
      return true;
    } catch (error) {
      if (error instanceof Problem) this.faults.value = error.faults;
      this.trouble.value = wordsOf(error);
      setTimeout(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return false;
    } finally {
      this.busy.value = false;
    }
  }
}

export function useForm<T extends object>(initial: T | (() => T), about: unknown[] = []): Form<T> {
  return useMemo(() => new Form(typeof initial === "function" ? initial() : initial), about);
}

/** What was refused and belongs to no field that is shown. */
export function Trouble<T extends object>({ form, shown = [] }: { form: Form<T>; shown?: string[] }): VNode | null {
  if (!form.trouble.value) return null;
  const others = Object.entries(form.faults.value).filter(([pointer]) => !shown.some((name) => pointer === `/${name}` || pointer.startsWith(`/${name}/`)));
  return (
    <div class="note bad" role="alert">
      <p>{form.trouble.value}</p>
      {shown.length > 0 && others.length > 0 && (
        <ul>
          {others.map(([pointer, words]) => (
            <li key={pointer}>
              <code>{pointer.slice(1)}</code> {words}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface Shown {
  label: string;
  hint?: ComponentChildren;
  /** Hides the label from sight, where the place says enough. */
  quiet?: boolean;
}
interface Bound {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: "true";
}

/** Label, hint and fault around whatever takes the value. */
export function Field({ label, hint, quiet, fault, children }: Shown & { fault?: string | undefined; children: (bound: Bound) => ComponentChildren }): VNode {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id} class={quiet ? "sr" : ""}>
        {label}
      </label>
      {children({ id, ...(described && { "aria-describedby": described }), ...(fault && { "aria-invalid": "true" as const }) })}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}

type Keys<T, V> = { [K in keyof T]: T[K] extends V ? K : never }[keyof T] & string;
type Of<T extends object, V> = Shown & { form: Form<T>; name: Keys<T, V> };

/** The fault of a field, or of a part of it. */
const faultOf = <T extends object>(form: Form<T>, name: string): string | undefined =>
  form.faults.value[`/${name}`] ?? Object.entries(form.faults.value).find(([pointer]) => pointer.startsWith(`/${name}/`))?.[1];

export function Text<T extends object>(
  props: Of<T, string | undefined> & { type?: string; required?: boolean; autocomplete?: string; placeholder?: string; long?: boolean; mono?: boolean },
): VNode {
  const { form, name, type = "text", required, autocomplete, placeholder, long, mono } = props;
  const value = String(form.get(name) ?? "");
  const take = (text: string): void => form.set(name, text as T[typeof name]);
  return (
    <Field {...props} fault={faultOf(form, name)}>
      {(bound) =>
        long ? (
          <textarea {...bound} class={mono ? "mono" : ""} rows={5} required={!!required} value={value} placeholder={placeholder} onInput={(e) => take(e.currentTarget.value)} />
        ) : (
          <input
            {...bound}
            class={mono ? "mono" : ""}
            type={type as "text"}
            name={name}
            required={!!required}
            autocomplete={(autocomplete ?? "off") as "off"}
            placeholder={placeholder}
            value={value}
            onInput={(e) => take(e.currentTarget.value)}
          />
        )
      }
    </Field>
  );
}

export function Choice<T extends object>(props: Of<T, string | undefined> & { options: readonly (readonly [string, string])[] }): VNode {
  const { form, name, options } = props;
  return (
    <Field {...props} fault={faultOf(form, name)}>
      {(bound) => (
        <select {...bound} value={String(form.get(name) ?? "")} onChange={(e) => form.set(name, e.currentTarget.value as T[typeof name])}>
          {options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Check<T extends object>({ form, name, label, hint }: Of<T, boolean | undefined>): VNode {
  const id = useId();
  return (
    <div class="check">
      <input
        type="checkbox"
        id={id}
        checked={!!form.get(name)}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(e) => form.set(name, e.currentTarget.checked as T[typeof name])}
      />
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** A whole number, or none where that may be. */
export function Count<T extends object>(props: Of<T, number | null | undefined> & { min?: number; max?: number; unit?: string; optional?: boolean }): VNode {
  const { form, name, min, max, unit, optional } = props;
  const value = form.get(name) as number | null | undefined;
  return (
    <Field {...props} fault={faultOf(form, name)}>
      {(bound) => (
        <span class="with-unit">
          <input
            {...bound}
            type="number"
            inputMode="numeric"
            min={min}
            max={max}
            step={1}
            required={!optional}
            value={value ?? ""}
            onInput={(e) => {
              const text = e.currentTarget.value;
              form.set(name, (text === "" ? null : Math.round(Number(text))) as T[typeof name]);
            }}
          />
          {unit && <span aria-hidden="true">{unit}</span>}
        </span>
      )}
    </Field>
  );
}

/** Basis points of `8.875`, `8,5 %`; null for what is no rate, or has parts of a basis point. */
export function bpsOf(text: string): number | null {
  const match = /^(\d{1,3})(?:[.,](\d{0,2}))?$/.exec(text.replace(/[\s%]/g, ""));
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
}
export const rateTyped = (bps: number): string => String(bps / 100);

/** A rate in basis points, typed in per cent. */
export function Rate<T extends object>(props: Of<T, number | null | undefined>): VNode {
  const { form, name } = props;
  const value = form.get(name) as number | null | undefined;
  const [text, setText] = useState(value == null ? "" : rateTyped(value));
  const wrong = text !== "" && bpsOf(text) === null ? "Write a rate such as 8.25." : "";
  return (
    <Field {...props} fault={wrong || faultOf(form, name)}>
      {(bound) => (
        <span class="with-unit">
          <input
            {...bound}
            ref={(input) => input?.setCustomValidity(wrong)}
            inputMode="decimal"
            autocomplete="off"
            required
            value={text}
            onInput={(e) => {
              setText(e.currentTarget.value);
              form.set(name, (bpsOf(e.currentTarget.value) ?? value ?? 0) as T[typeof name]);
            }}
          />
          <span aria-hidden="true">%</span>
        </span>
      )}
    </Field>
  );
}

/** A list of texts, one a line. */
export function Lines<T extends object>(props: Of<T, string[] | undefined> & { rows?: number; placeholder?: string }): VNode {
  const { form, name, rows = 3, placeholder } = props;
  const text = ((form.get(name) as string[] | undefined) ?? []).join("\n");
  return (
    <Field {...props} fault={faultOf(form, name)}>
      {(bound) => (
        <textarea
          {...bound}
          rows={rows}
          placeholder={placeholder}
          defaultValue={text}
          onInput={(e) =>
            form.set(name, e.currentTarget.value.split("\n").map((line) => line.trim()).filter(Boolean) as T[typeof name])
          }
        />
      )}
    </Field>
  );
}

/** The buttons at the end of a form. */
export function Send<T extends object>({ form, label, children }: { form: Form<T>; label: string; children?: ComponentChildren }): VNode {
  return (
    <footer>
      {children}
      <button type="submit" aria-disabled={form.busy.value ? true : undefined}>
        {form.busy.value ? "One moment …" : label}
      </button>
    </footer>
  );
}

/** For onSubmit. */
export const sending =
  (act: () => unknown) =>
  (event: Event): void => {
    event.preventDefault();
    void act();
  };
