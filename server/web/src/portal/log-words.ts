// Lines of the log as people read them.

import { plain } from "../ui/bits";
import type { Schemas } from "../ui/problem";

type Actor = Schemas["AuditEntry"]["actor"];

const actors: Record<Actor, string> = {
  HOST: "the server's operator",
  WORKER: "Orkestr, since it was due",
  KEY: "a program, by its key",
  MEMBER: "a member of the team",
  CUSTOMER: "the customer",
  VISITOR: "a visitor",
  GATEWAY: "the payment provider",
  ADMIN: "the platform",
};
export const actorWords = (actor: Actor): string => actors[actor];

const past: Record<string, string> = {
  "booking.create": "Booked",
  "booking.confirm": "Confirmed",
  "booking.decline": "Declined",
  "booking.cancel": "Cancelled",
  "booking.complete": "Completed",
  "booking.refund": "Money given back",
  "booking.reschedule": "Moved to another time",
  "booking.edit_notes": "Notes changed",
  "booking.risk_approve": "Let through by the risk review",
  "booking.risk_reject": "Rejected by the risk review",
  "booking.expire": "Ended, since it was not paid",
  "payment.open": "Payment begun",
  "payment.succeed": "Paid",
  "payment.fail": "Payment failed",
  "payment.record": "Payment noted",
  "payment.dispute": "Payment disputed at the bank",
  "refund.create": "Refund begun",
  "refund.succeed": "Refunded",
  "refund.fail": "Refund failed",
  "subscription.begin": "Subscription begun",
  "subscription.renew": "Subscription renewed",
  "subscription.end": "Subscription ended",
};

/** `Moved to another time` of `booking.reschedule`; what has no words of its own is told as it is. */
export const doneWords = (action: string): string => past[action] ?? plain(action.replaceAll(".", " ").toUpperCase());
