// A storefront's page inside the widget's frame: the same live parts, and messages to the page around it. None are listened to: there is
// nothing that a stranger's page could ask of this one.

import { callerOf } from "./caller";
import "./storefront";

const caller = window.parent === window ? null : callerOf(window.name);

function tell(type: string, fields: object = {}): void {
  if (caller) window.parent.postMessage({ orkestr: 1, id: caller.id, type, ...fields }, caller.origin);
}

tell("ready");

// What the page is about, as the server says it.
const { event, booking, status, starts, ends } = document.body.dataset;
if (event) {
  tell(event, {
    ...(booking && { bookingId: booking }),
    ...(status && { status }),
    ...(starts && { startsAt: starts }),
    ...(ends && { endsAt: ends }),
  });
}
const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
if ((navigation?.responseStatus ?? 0) >= 400) tell("error", { status: navigation?.responseStatus });

// The content's own height, which does not follow the frame's, so that neither chases the other.
const content = document.getElementById("embed");
if (content) {
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(content.getBoundingClientRect().height);
    if (height === told || height === 0) return; // hidden
    told = height;
    tell("resize", { height });
  }).observe(content);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) tell("close");
});
