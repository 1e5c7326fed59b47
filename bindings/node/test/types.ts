// Compiled, not run: that the types are as they are used.
import { engine, fetchHandler, nodeHandler, OrkestrError, Platform, PriceList, Schedule, verifyWebhook, type Slot } from "orkestr";
import { createServer } from "node:http";

const slots: Slot[] = new Schedule({ timeZone: "UTC", rules: [{ dayOfWeek: 1, startTime: "09:00", endTime: "17:00", slotMinutes: 60 }] }).slots({ from: new Date(), to: Date.now() + 1 });
const starts: Date | undefined = slots[0]?.startsAt;
const total: number = new PriceList({ offering: {} }).quote({ startsAt: "2026-05-16T20:00:00Z", endsAt: new Date() }).total;
const platform = new Platform("memory:", { secrets: "", webhooks: false, allowLoopback: true, onEvents: () => undefined });
const closed: Promise<void> = platform.close();
const handler: (request: Request) => Promise<Response> = fetchHandler(platform, { base: "/booking" });
createServer(nodeHandler(platform));
try {
  verifyWebhook(Buffer.from(""), new Headers(), ["whsec_"]);
} catch (error) {
  if (error instanceof OrkestrError) console.log(error.code, error.faults[0]?.pointer, starts, total, handler, closed, engine("functions"));
}
// @ts-expect-error a rule has a day
new Schedule({ timeZone: "UTC", rules: [{ startTime: "09:00", endTime: "17:00", slotMinutes: 60 }] });
