// The checkout: how long the time is kept, coupons without a new page, and what is wrong with a field beside it. The form itself is sent as
// it is without this script.

import { render } from "preact";

import { ask, Trouble, type Schemas } from "./api";
import { say as words } from "./catalogue";
import { clockSkew, clockWords, spokenKey } from "./countdown";
import { locale, madeAt, tenant } from "./page";
import { moneyWords } from "./words";

type Quote = Schemas["Quote"];

/** A form whose sending was stopped can be sent again; sent twice, it books once. */
const stuckAfter = 15_000;

/** What the API says of such a field. */
const faults: Record<string, (value: string) => string> = {
  name: (value) => (value === "" ? words("error.empty") : ""),
  email: (value) =>
    value === "" ? words("error.empty") : looksLikeAddress(value) ? "" : words("error.email"),
};

/** As the API's document has it. */
function looksLikeAddress(value: string): boolean {
  return value.length <= 254 && /^[^\u0000-\u0020@\u007f]{1,64}@([^\u0000-\u0020@.\u007f]+\.)+[^\u0000-\u0020@.\u007f]+$/.test(value);
}

/** Says what is wrong below a field, as the server does; nothing takes it away. */
function showFault(field: HTMLElement, fault: string): void {
  const id = `${field.id}-wrong`;
  let place = document.getElementById(id);
  if (fault === "") {
    place?.remove();
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    return;
  }
  if (!place) {
    place = document.createElement("p");
    place.id = id;
    place.className = "wrong";
    (field.closest(".pair") ?? field).after(place);
  }
  place.textContent = fault;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
}

/** @param labels  of the lines, as the server wrote them in the page's language: a coupon changes none */
function Prices({ quote, decimals, labels }: { quote: Quote; decimals: number; labels: string[] }) {
  const money = (cents: number): string => moneyWords(cents, quote.currency, decimals, locale);
  return (
    <>
      {quote.lines.map((line, i) => (
        <div key={i}>
          <dt>
            {labels.length === quote.lines.length ? labels[i] : line.label + (line.quantity > 1 ? ` × ${line.quantity}` : "")}
          </dt>
          <dd>{money(line.subtotalCents)}</dd>
        </div>
      ))}
      {quote.discountCents > 0 && (
        <div>
          <dt>{words("prices.couponOf", { code: quote.couponCode ?? "" })}</dt>
          <dd>{money(-quote.discountCents)}</dd>
        </div>
      )}
      {quote.taxCents > 0 && (
        <div>
          <dt>{words("prices.tax")}</dt>
          <dd>{money(quote.taxCents)}</dd>
        </div>
      )}
      <div class="total">
        <dt>{words("prices.total")}</dt>
        <dd>{money(quote.totalCents)}</dd>
      </div>
    </>
  );
}

function startCountdown(place: HTMLElement, say: (text: string) => void): void {
  const until = Date.parse(place.dataset["until"] ?? "");
  const timer = place.querySelector<HTMLElement>(".timer");
  if (Number.isNaN(until) || !timer) return;
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const skew = clockSkew(madeAt, Date.now(), navigation?.type === "back_forward");
  timer.setAttribute("role", "timer");
  let before = Infinity;
  const tick = (): void => {
    const left = until - (Date.now() + skew);
    const key = spokenKey(before, left);
    // Who opens the page late needs no announcement of what has passed.
    if (key && before !== Infinity) say(words(key));
    before = left;
    if (left > 0) {
      timer.textContent = clockWords(left);
      return;
    }
    clearInterval(every);
    const text = place.querySelector("p");
    if (!text) return;
    timer.remove();
    place.classList.add("over");
    text.setAttribute("role", "alert");
    const back = document.createElement("a");
    back.href = place.dataset["back"] ?? "/";
    back.textContent = words("live.chooseAgain");
    text.replaceChildren(words("live.over"), " ", back);
  };
  const every = setInterval(tick, 1000);
  tick();
}

export function startCheckout(form: HTMLFormElement): void {
  const book = form.querySelector<HTMLButtonElement>("button[data-book]");
  const apply = document.querySelector<HTMLButtonElement>('button[form="checkout"][name="apply"]');
  const prices = document.querySelector<HTMLElement>("dl.prices");
  const field = (name: string): HTMLInputElement => form.elements.namedItem(name) as HTMLInputElement;
  if (!book || !apply || !prices) return;

  const status = document.createElement("p");
  status.className = "sr";
  status.setAttribute("role", "status");
  document.body.append(status);
  const say = (text: string): void => void (status.textContent = text);

  const kept = document.querySelector<HTMLElement>(".kept");
  if (kept) startCountdown(kept, say);

  // ---- fields, in place

  form.noValidate = true; // else the browser would speak first, and in its own words
  const check = (name: string): boolean => {
    const fault = faults[name]?.(field(name).value) ?? "";
    showFault(field(name), fault);
    return fault === "";
  };
  for (const name of Object.keys(faults)) {
    field(name).addEventListener("blur", () => field(name).value !== "" && check(name));
    field(name).addEventListener("input", () => field(name).hasAttribute("aria-invalid") && check(name));
  }

  // ---- the coupon

  const decimals = Number(form.dataset["decimals"]);
  let applied = field("coupon").value.trim();
  if (field("coupon").hasAttribute("aria-invalid")) applied = "";
  let shownLabel = book.textContent ?? "";

  const labels = [...prices.querySelectorAll("[data-line] dt")].map((label) => label.textContent ?? "");

  const original = new URLSearchParams(location.search).has("original"); // the reader wants the business's own words
  const gives = document.getElementById("coupon-gives") as HTMLElement;

  const show = (quote: Quote): void => {
    const { translation } = quote;
    gives.textContent = translation?.couponDescription ?? quote.couponDescription;
    gives.lang = (translation?.couponDescription ? translation.locale : gives.dataset["lang"]) ?? "";
    gives.hidden = !gives.textContent;
    render(<Prices quote={quote} decimals={decimals} labels={labels} />, prices);
    field("total").value = String(quote.totalCents);
    if ("pays" in book.dataset) shownLabel = words("live.bookAndPay", { total: moneyWords(quote.totalCents, quote.currency, decimals, locale) });
    book.textContent = shownLabel;
  };

  /** @returns whether what is typed is what counts now */
  const tryCoupon = async (): Promise<boolean> => {
    const coupon = field("coupon").value.trim();
    const email = field("email").value;
    apply.setAttribute("aria-busy", "true");
    try {
      const quote = await ask<Quote>(tenant, `/quotes${original ? "" : `?locale=${document.documentElement.lang}`}`, {
        holdId: field("hold").value,
        ...(coupon && { couponCode: coupon }),
        ...(looksLikeAddress(email) && { customerEmail: email }),
      });
      if ((quote.totalCents === 0) !== (field("total").value === "0")) {
        // Whether anything is to be paid decides how one books, so that the page says other things.
        form.requestSubmit(apply);
        return false;
      }
      applied = coupon;
      showFault(field("coupon"), "");
      show(quote);
      const total = moneyWords(quote.totalCents, quote.currency, decimals, locale);
      say(words(coupon ? "live.couponCounts" : "live.couponGone", { total }));
      return true;
    } catch (error) {
      const { code, message } = error as Trouble;
      if (code === "hold_expired") form.requestSubmit(apply); // the page that says so, with a way back
      else {
        showFault(field("coupon"), message);
        say(message);
      }
      return false;
    } finally {
      apply.removeAttribute("aria-busy");
    }
  };

  apply.addEventListener("click", (event) => {
    event.preventDefault();
    void tryCoupon();
  });
  field("coupon").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return; // which would book
    event.preventDefault();
    void tryCoupon();
  });
  // Some coupons count once for each customer.
  field("email").addEventListener("change", () => void (applied && looksLikeAddress(field("email").value) && tryCoupon()));

  // ---- booking, once

  let sent = false;
  const rest = (): void => {
    sent = false;
    book.removeAttribute("aria-busy");
    book.textContent = shownLabel;
  };
  form.addEventListener("submit", (event) => {
    if (event.submitter === apply) return; // a coupon that the server looks at
    if (sent) {
      event.preventDefault();
      return;
    }
    const wrong = Object.keys(faults).filter((name) => !check(name));
    if (wrong[0]) {
      event.preventDefault();
      field(wrong[0]).focus();
      return;
    }
    if (field("coupon").value.trim() !== applied) {
      // Typed, but not applied: the price comes first.
      event.preventDefault();
      void tryCoupon().then((counts) => (counts ? book : field("coupon")).focus());
      return;
    }
    sent = true;
    book.setAttribute("aria-busy", "true");
    book.textContent = words("live.moment");
    say(words("live.booking"));
    setTimeout(rest, stuckAfter);
  });
  addEventListener("pageshow", (event) => event.persisted && rest());
}
