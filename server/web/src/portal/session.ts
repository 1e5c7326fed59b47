// Who is signed in, with which role, and where.

import { signal } from "@preact/signals";

import { client, ok, onGone, Problem, type Schemas } from "../ui/problem";

export type Session = Schemas["Session"];
export type Role = Schemas["Role"];

/** Undefined until it is known; null: nobody. */
export const session = signal<Session | null | undefined>(undefined);

export async function findSession(): Promise<void> {
  try {
    if (session.value === undefined && !("session" in document.body.dataset)) {
      session.value = null; // the server has seen no cookie
      return;
    }
    session.value = await ok(client.GET("/v1/auth/session"));
  } catch (error) {
    // Who could not be asked is still who they were.
    if (!session.value || (error instanceof Problem && error.status === 401)) session.value = null;
  }
}

// Whoever is signed out in the middle of something comes back to it.
onGone(() => {
  if (session.value) session.value = null;
});

const ranks: readonly Role[] = ["CLIENT", "STAFF", "ADMIN", "OWNER"];
export const atLeast = (role: Role): boolean => ranks.indexOf(session.value?.member.role ?? "CLIENT") >= ranks.indexOf(role);
/** Whether more than looking at things is allowed. */
export const mayEdit = (): boolean => atLeast("ADMIN");
/** The tenant's zone and currency, in which pages speak where a thing has none of its own. */
export const zone = (): string => session.value?.tenant.timeZone ?? "UTC";
export const currency = (): string => session.value?.tenant.displayCurrency ?? "USD";
