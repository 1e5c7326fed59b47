// Amounts in minor units, typed and shown as people write them.

import type { VNode } from "preact";
import { useState } from "preact/hooks";

import { moneyWords } from "../words";
import { Field, type Form } from "./form";

const none = new Set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" "));
const three = new Set("BHD IQD JOD KWD LYD OMR TND".split(" "));

/** As ISO 4217 has them, and the API: browsers know fewer for some. */
export const decimalsOf = (currency: string): number => (none.has(currency) ? 0 : three.has(currency) ? 3 : 2);

export const money = (cents: number, currency: string): string => moneyWords(cents, currency, decimalsOf(currency), navigator.language);

/** `120.50` of 12050; for fields. */
export function typed(cents: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = String(Math.abs(cents)).padStart(decimals + 1, "0");
  const whole = decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
  return (cents < 0 ? "-" : "") + whole;
}

/** Minor units of `120.5`, `120,50` or `1 200`; null for what is no amount, or has more decimals than the currency. */
export function minorOf(text: string, currency: string): number | null {
  const match = /^(-?)(\d{1,12})(?:[.,](\d*))?$/.exec(text.replace(/\s/g, ""));
  if (!match) return null;
  const decimals = decimalsOf(currency);
  const fraction = match[3] ?? "";
  if (fraction.length > decimals) return null;
  const cents = Number(match[2] + fraction.padEnd(decimals, "0"));
  return match[1] && cents !== 0 ? -cents : cents;
}

type Keys<T> = { [K in keyof T]: T[K] extends number | null | undefined ? K : never }[keyof T] & string;

export function MoneyField<T extends object>(props: {
  form: Form<T>;
  name: Keys<T>;
  label: string;
  currency: string;
  hint?: string;
  optional?: boolean;
}): VNode {
  const { form, name, currency, optional } = props;
  const cents = form.get(name) as number | null | undefined;
  const [text, setText] = useState(cents == null ? "" : typed(cents, currency));
  const wrong = text !== "" && minorOf(text, currency) === null;
  return (
    <Field {...props} fault={wrong ? `Write an amount such as ${typed(12050, currency)}.` : form.faults.value[`/${name}`]}>
      {(bound) => (
        <span class="with-unit">
          <input
            {...bound}
            inputMode="decimal"
            autocomplete="off"
            required={!optional}
            value={text}
            onInput={(e) => {
              setText(e.currentTarget.value);
              const value = minorOf(e.currentTarget.value, currency);
              form.set(name, (e.currentTarget.value === "" ? null : (value ?? cents)) as T[typeof name]);
            }}
          />
          <span aria-hidden="true">{currency}</span>
        </span>
      )}
    </Field>
  );
}
