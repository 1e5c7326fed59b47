// The live parts of a storefront's pages. Each page is whole without them.

import { startCheckout } from "./checkout";
import { startGallery } from "./gallery";
import { startTimes } from "./times";

/** The bar with the price goes while the times are in sight, by more than a glimpse of their upper edge. */
function startBar(bar: HTMLElement): void {
  const times = document.getElementById("times");
  if (!times) return;
  const seen = new IntersectionObserver(([entry]) => bar.classList.toggle("away", entry?.isIntersecting), { rootMargin: "0px 0px -45% 0px" });
  seen.observe(times);
}

/** What is chosen counts at once. */
function startChoice(form: HTMLElement): void {
  form.querySelector("button")?.remove();
  form.addEventListener("change", () => (form as HTMLFormElement).requestSubmit());
}

/** Few ask: what answers in place comes when somebody turns to the form. */
function startAskOnce(root: HTMLElement): void {
  root.addEventListener("focusin", () => void import("./ask").then(({ startAsk }) => startAsk(root)), { once: true });
}

const islands: Record<string, (element: HTMLElement) => void> = {
  times: (element) => void startTimes(element),
  gallery: startGallery,
  choice: startChoice,
  bar: startBar,
  checkout: (element) => startCheckout(element as HTMLFormElement),
  ask: startAskOnce,
  stripe: (element) => void import("./stripe").then(({ startStripe }) => startStripe(element)),
};

for (const element of document.querySelectorAll<HTMLElement>("[data-island]")) islands[element.dataset["island"] ?? ""]?.(element);
