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

/** What is left of an amount in another currency: what was typed stays; null where the other has fewer decimals than that. */
export const inCurrency = (cents: number | null, from: string, to: string): number | null => (cents === null ? null : minorOf(typed(cents, from).replace(/(\.\d*?)0+$/, "$1"), to));

/** Minor units of `120.5`, `120,50`, `.5` or `1 200`; null for what is no amount, or has more decimals than the currency. */
export function minorOf(text: string, currency: string): number | null {
  const match = /^(-?)(?=[.,]?\d)(\d{0,13})(?:[.,](\d*))?$/.exec(text.replace(/\s/g, ""));
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
  const wrong = text !== "" && minorOf(text, currency) === null ? `Write an amount such as ${typed(12050, currency)}.` : "";
  return (
    <Field {...props} fault={wrong || form.faults.value[`/${name}`]}>
      {(bound) => (
        <span class="with-unit">
          <input
            {...bound}
            ref={(input) => input?.setCustomValidity(wrong)} // what it can't be is not sent as what it was before
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

/** The most common first; another one stands where it is in use. */
export const currencies: readonly string[] = (
  "USD EUR GBP INR JPY AUD CAD CHF CNY SEK NOK DKK PLN BRL MXN AED SGD NZD ZAR " +
  "ARS BGN BHD CLP COP CZK EGP HKD HUF IDR ILS ISK JOD KES KRW KWD MAD MYR NGN OMR PEN PHP PKR QAR RON RSD SAR THB TND TRY TWD UAH UGX UYU VND XAF XOF"
).split(" ");

/** The currency of some amounts of a form, which keep what was typed when it changes. */
export function CurrencyField<T extends { currency: string }>({ form, amounts, label = "Currency" }: { form: Form<T>; amounts: readonly Keys<T>[]; label?: string }): VNode {
  const now = form.get("currency");
  const all = currencies;
  return (
    <Field label={label} fault={form.faults.value["/currency"]}>
      {(bound) => (
        <select
          {...bound}
          value={now}
          onChange={(e) => {
            const next = e.currentTarget.value;
            for (const name of amounts) form.set(name, inCurrency((form.get(name) as number | null | undefined) ?? null, now, next) as T[typeof name]);
            form.set("currency", next as T["currency"]);
          }}
        >
          {(all.includes(now) ? all : [now, ...all]).map((code) => (
            <option key={code} value={code}>
              {code}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
