// Stripe's card form. Its script comes from Stripe, which wants that, and runs on this page alone, whose policy lets it.

import { say } from "./catalogue";

interface StripeError {
  type: string;
  message?: string;
}
interface Elements {
  create(kind: "payment", options?: object): { mount(place: HTMLElement): void; on(event: "ready" | "loaderror", does: () => void): void };
}
interface Stripe {
  elements(options: object): Elements;
  confirmPayment(options: { elements: Elements; confirmParams: { return_url: string } }): Promise<{ error?: StripeError }>;
}
declare global {
  interface Window {
    Stripe?: (key: string) => Stripe;
  }
}

function script(source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = source;
    element.onload = () => resolve();
    element.onerror = () => {
      element.remove();
      reject(new Error(source));
    };
    document.head.append(element);
  });
}

export async function startStripe(root: HTMLElement): Promise<void> {
  const { publishableKey, clientSecret, returnUrl, amount = "" } = root.dataset;
  const words = say("live.pay", { amount });
  if (!publishableKey || !clientSecret || !returnUrl) return;
  const form = document.createElement("form");
  form.className = "fields";
  form.noValidate = true;
  const place = document.createElement("div");
  place.className = "payment skeleton";
  const wrong = document.createElement("p");
  wrong.className = "wrong";
  wrong.setAttribute("role", "alert");
  const pay = document.createElement("button");
  pay.textContent = words;
  pay.disabled = true;
  form.append(place, wrong, pay);
  root.replaceChildren(form);

  const unreachable = (): void => {
    place.classList.remove("skeleton");
    wrong.textContent = say("live.cardForm");
    pay.textContent = say("live.again");
    pay.disabled = false;
    form.onsubmit = (event) => {
      event.preventDefault();
      location.reload();
    };
  };
  try {
    if (!window.Stripe) await script("https://js.stripe.com/v3/");
  } catch {
    return unreachable();
  }
  if (!window.Stripe) return unreachable();

  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const stripe = window.Stripe(publishableKey);
  const elements = stripe.elements({
    clientSecret,
    locale: document.documentElement.lang.slice(0, 2),
    appearance: {
      theme: matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "stripe",
      variables: {
        colorPrimary: colour("--brand"),
        colorBackground: colour("--raised"),
        colorText: colour("--text"),
        colorDanger: colour("--bad"),
        fontFamily: 'system-ui, "Segoe UI", Roboto, sans-serif',
        borderRadius: "10px",
      },
    },
  });
  const payment = elements.create("payment");
  payment.on("ready", () => {
    place.classList.remove("skeleton");
    pay.disabled = false;
  });
  payment.on("loaderror", unreachable);
  payment.mount(place);

  form.onsubmit = async (event) => {
    event.preventDefault();
    if (pay.disabled) return;
    pay.disabled = true;
    pay.textContent = say("live.moment");
    wrong.textContent = "";
    // Where all goes well, also by way of the bank's page, the browser goes to the return address.
    const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: new URL(returnUrl, location.href).href } });
    if (!error) return;
    wrong.textContent = error.message ?? say("live.cardFailed");
    pay.textContent = words;
    pay.disabled = false;
  };
}
