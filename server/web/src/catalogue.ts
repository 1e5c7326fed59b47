// What the live parts say, in the page's language: the messages that the server has written into the page, after ICU's MessageFormat.

const texts: Record<string, string> = JSON.parse((typeof document === "undefined" ? null : document.getElementById("words"))?.textContent || "{}");

type Values = Record<string, string | number>;

const branches = /\{(\w+), plural,((?:\s*\w+\s*\{[^{}]*\})+)\s*\}/g;

/** A message with its arguments: `{name}`, and `{n, plural, one{# day} other{# days}}`, which is all that the catalogues use. */
export function fill(pattern: string, values: Values, locale: string): string {
  return pattern
    .replace(branches, (_, name: string, cases: string) => {
      const n = Number(values[name]);
      const forms = Object.fromEntries([...cases.matchAll(/(\w+)\s*\{([^{}]*)\}/g)].map((one) => [one[1], one[2]]));
      const form = forms[new Intl.PluralRules(locale).select(n)] ?? forms["other"] ?? "";
      return form.replaceAll("#", new Intl.NumberFormat(locale).format(n));
    })
    .replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

export const locale = (typeof document === "undefined" ? "" : document.body.dataset["locale"]) || "en";

/** What there is no text for is its key, so that it is seen. */
export const say = (key: string, values: Values = {}): string => fill(texts[key] ?? key, values, locale);

/** What the API refused, by its code; as it says itself where the catalogue has nothing. */
export function sayFault(code: string, detail: string): string {
  const key = "error." + code.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return key in texts ? say(key) : detail;
}
