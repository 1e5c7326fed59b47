// What can be done with a booking, wherever it is shown.

import { confirmed } from "../ui/dialog";
import { money } from "../ui/money";
import { client, ok, type Schemas } from "../ui/problem";
import { attempt, say } from "../ui/toast";

type Booking = Schemas["Booking"];
export type Decision = "approve" | "decline" | "risk-approve" | "risk-reject";

const words: Record<Decision, readonly [string, string]> = {
  approve: ["Approved.", ""],
  decline: ["Declined.", "Decline it"],
  "risk-approve": ["Let through.", ""],
  "risk-reject": ["Rejected.", "Reject it"],
};

/** Asks first where it can't be taken back. @returns whether it was done */
export async function decide(booking: Booking, decision: Decision): Promise<boolean> {
  const [done, ask] = words[decision];
  const what = `${booking.items[0]?.offeringTitle ?? "Booking"}, ${booking.customer.name}`;
  if (ask && !(await confirmed(`${ask}?`, `${what}. The time goes back to the pool, and the customer is told.`, ask))) return false;
  const params = { params: { path: { id: booking.id } }, body: {} };
  return attempt(() => {
    switch (decision) {
      case "approve":
        return ok(client.POST("/v1/provider/bookings/{id}/approve", params));
      case "decline":
        return ok(client.POST("/v1/provider/bookings/{id}/decline", params));
      case "risk-approve":
        return ok(client.POST("/v1/provider/bookings/{id}/risk-approve", params));
      case "risk-reject":
        return ok(client.POST("/v1/provider/bookings/{id}/risk-reject", params));
    }
  }, done);
}

/** Shows what goes back before it asks. @returns whether it was done */
export async function cancel(booking: Booking): Promise<boolean> {
  let terms: Schemas["CancellationTerms"] | undefined;
  const asked = await attempt(async () => {
    terms = (await ok(
      client.POST("/v1/provider/bookings/{id}/cancel", { params: { path: { id: booking.id }, query: { dryRun: true } }, body: {} }),
    )) as Schemas["CancellationTerms"];
  });
  if (!asked || !terms) return false;
  const { refundPercent, refundCents, currency, withinGrace } = terms;
  const back = refundCents > 0 ? `${money(refundCents, currency)} (${refundPercent} %) go back to the customer` : `Nothing goes back to the customer (${refundPercent} %)`;
  const why = withinGrace ? "they booked a short while ago" : "as the policy on the booking says";
  const text = `${booking.items[0]?.offeringTitle ?? "Booking"}, ${booking.customer.name}. ${back}, ${why}. The customer is told.`;
  if (!(await confirmed("Cancel this booking?", text, "Cancel it"))) return false;
  return attempt(() => ok(client.POST("/v1/provider/bookings/{id}/cancel", { params: { path: { id: booking.id } }, body: {} })), "Cancelled.");
}

const several = { approve: "approved", decline: "declined" } as const;

/** Several at once, asked for first where it can't be taken back; those that are refused are told of. @returns whether any was tried */
export async function decideAll(bookings: Booking[], decision: keyof typeof several): Promise<boolean> {
  const count = bookings.length === 1 ? "this booking" : `these ${bookings.length} bookings`;
  const who = bookings.slice(0, 5).map(({ customer }) => customer.name).join(", ") + (bookings.length > 5 ? " and others" : "");
  if (decision === "decline" && !(await confirmed(`Decline ${count}?`, `Of ${who}. The times go back to the pool, and the customers are told.`, "Decline"))) return false;
  let failed = 0;
  for (const { id } of bookings)
    try {
      const params = { params: { path: { id } }, body: {} };
      await (decision === "approve" ? ok(client.POST("/v1/provider/bookings/{id}/approve", params)) : ok(client.POST("/v1/provider/bookings/{id}/decline", params)));
    } catch {
      ++failed;
    }
  if (failed > 0) say(`${failed} of ${bookings.length} could not be ${several[decision]}. They may have changed meanwhile; look at each.`, true);
  else say(`${bookings.length} ${several[decision]}.`);
  return true;
}
