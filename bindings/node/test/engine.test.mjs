import assert from "node:assert/strict";
import { test } from "node:test";

import { engine, OrkestrError, PriceList, Schedule, verifyWebhook } from "orkestr";

const sunday = { timeZone: "America/Chicago", rules: [{ dayOfWeek: 0, startTime: "15:00", endTime: "16:00", slotMinutes: 60, capacity: 3 }] };
const day = { from: "2025-03-09T00:00:00Z", to: "2025-03-10T00:00:00Z", now: "2025-03-01T00:00:00Z" };

test("slots follow the clocks of their zone", () => {
  const schedule = new Schedule(sunday);
  assert.deepEqual(schedule.slots(day), [{ startsAt: new Date("2025-03-09T20:00:00Z"), endsAt: new Date("2025-03-09T21:00:00Z"), capacity: 3, remaining: 3 }]);
  const taken = [{ startsAt: new Date("2025-03-09T20:30:00Z"), endsAt: new Date("2025-03-09T21:30:00Z"), quantity: 2 }];
  assert.equal(schedule.slots({ ...day, taken })[0].remaining, 1);
  assert.deepEqual(new Schedule({ ...sunday, exceptions: [{ kind: "BLOCK", startsAt: "2025-03-09T00:00", endsAt: "2025-03-10T00:00" }] }).slots(day), []);
});

test("what is wrong is said", () => {
  assert.throws(
    () => new Schedule({ timeZone: "America/Chicago", rules: [{ ...sunday.rules[0], dayOfWeek: 9, slotMinutes: 0 }] }),
    (error) => error instanceof OrkestrError && error.code === "invalid_fields" && error.status === 422 && error.faults.map(({ pointer }) => pointer).join() === "/rules/0/dayOfWeek,/rules/0/slotMinutes",
  );
  assert.throws(() => new Schedule(sunday).slots({ from: "2025-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" }), { code: "range_too_long" });
  assert.throws(() => new Schedule(sunday).slots({ from: "yesterday", to: 0 }), TypeError);
  assert.throws(() => engine("nothing"), { code: "not_found" });
});

test("prices", () => {
  const offering = { title: "Loft", productTypeKey: "space", basePriceCents: 12000, currency: "USD", taxRateBps: 888 };
  const asked = { startsAt: "2026-05-16T20:00:00Z", endsAt: "2026-05-17T00:00:00Z", quantity: 2, now: "2026-05-15T12:00:00Z" };
  assert.deepEqual(new PriceList({ offering }).quote(asked), { unit: 48000, subtotal: 96000, discount: 0, tax: 8525, total: 104525, currency: "USD" });
  const coupon = { code: "TEN", kind: "PERCENT", amount: 10 };
  assert.equal(new PriceList({ offering, coupon }).quote(asked).total, 94072);
  assert.equal(engine("quote", { offering, coupon, ...asked }).totalCents, 94072);
});

test("webhooks", () => {
  const headers = { "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "Webhook-Timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" };
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const now = 1614265330_000;
  assert.deepEqual(verifyWebhook('{"test": 2432232314}', headers, secret, { now }), { deliveryId: "msg_p5jXN8AQM9LWM0D4loKWxJek", event: "", sentAt: new Date(now) });
  assert.throws(() => verifyWebhook('{"test": 2432232315}', new Headers(headers), [secret], { now }), { code: "unauthenticated" });
});
