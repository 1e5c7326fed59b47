// Every page of the portal: from this come the router, the navigation and the palette.

import type { ComponentType } from "preact";

import { page as loaded } from "../ui/load";
import type { Role } from "./session";

export interface PageRoute {
  path: string;
  title: string;
  /** Where it stands in the navigation; none: nowhere. */
  group?: "" | "Sell" | "Customers" | "Connect" | "Business";
  least: Role;
  page: ComponentType;
  /** Words by which the palette finds it. */
  also?: string;
}

const page = (path: string, title: string, group: PageRoute["group"] | undefined, load: () => Promise<{ default: ComponentType }>, also = "", least: Role = "STAFF"): PageRoute => ({
  path,
  title,
  ...(group !== undefined && { group }),
  least,
  page: loaded(load),
  also,
});

export const routes: readonly PageRoute[] = [
  page("/provider", "Home", "", () => import("./pages/home"), "today start"),
  page("/provider/bookings", "Bookings", "", () => import("./pages/bookings"), "approve pending"),
  page("/provider/bookings/:id", "Booking", undefined, () => import("./pages/booking")),
  page("/provider/offerings", "Offerings", "Sell", () => import("./pages/offerings"), "catalogue price"),
  page("/provider/offerings/:id", "Offering", undefined, () => import("./pages/offering")),
  page("/provider/availability", "Availability", "Sell", () => import("./pages/availability"), "schedule hours holidays"),
  page("/provider/import", "Import", "Sell", () => import("./pages/import"), "csv bulk upload"),
  page("/provider/coupons", "Coupons", "Sell", () => import("./pages/coupons"), "promotion discount"),
  page("/provider/reviews", "Reviews", "Customers", () => import("./pages/reviews"), "rating reply"),
  page("/provider/disputes", "Disputes", "Customers", () => import("./pages/disputes"), "complaint refund"),
  page("/provider/disputes/:id", "Dispute", undefined, () => import("./pages/dispute")),
  page("/provider/assistant", "Assistant", "Customers", () => import("./pages/assistant"), "questions answers ai model"),
  page("/provider/insights", "Insights", "Customers", () => import("./pages/insights"), "score performance"),
  page("/provider/calendar", "Calendar", "Connect", () => import("./pages/calendar"), "ical subscribe google outlook", "CLIENT"),
  page("/provider/embed", "Widget", "Connect", () => import("./pages/embed"), "embed button site"),
  page("/provider/api-keys", "API keys", "Connect", () => import("./pages/api-keys"), "token"),
  page("/provider/webhooks", "Webhooks", "Connect", () => import("./pages/webhooks"), "events deliveries"),
  page("/provider/webhooks/:id", "Webhook", undefined, () => import("./pages/webhook")),
  page("/provider/branding", "Branding", "Business", () => import("./pages/branding"), "logo colour storefront"),
  page("/provider/languages", "Languages", "Business", () => import("./pages/languages"), "translation locale"),
  page("/provider/languages/:id/:locale", "Translation", undefined, () => import("./pages/translation")),
  page("/provider/domain", "Domain", "Business", () => import("./pages/domain"), "cname dns custom"),
  page("/provider/kyb", "Verification", "Business", () => import("./pages/kyb"), "kyb documents"),
  page("/provider/members", "Team", "Business", () => import("./pages/members"), "invite role"),
  page("/provider/audit", "Audit log", "Business", () => import("./pages/audit"), "history who"),
  page("/provider/settings", "Settings", "Business", () => import("./pages/settings"), "risk"),
  page("/provider/notifications", "Notifications", undefined, () => import("./pages/notifications")),
  page("/provider/account", "Your account", undefined, () => import("./pages/account"), "password second factor sessions", "CLIENT"),
];
