// Names of hosts: as people type them, and what is wrong with them.

import type { Schemas } from "../ui/problem";

/** `book.example.com` of `https://Book.Example.com/path`: what was pasted from an address bar. */
export const domainTyped = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/[/?#].*$/, "")
    .replace(/:\d+$/, "")
    .replace(/\.$/, "");

/** Why a name is not there, and what to do about it. */
export function failureWords({ failure, found, target }: Pick<Schemas["Domain"], "failure" | "found" | "target">): string {
  switch (failure) {
    case null:
      return "";
    case "NOT_FOUND":
      return "No such record was found.";
    case "OTHER_TARGET":
      return found ? `The name leads to ${found}, not to ${target}. Change the record.` : `The name leads elsewhere, not to ${target}. Change the record.`;
    case "LOOP":
      return "The name leads in a circle. Let it lead to the value below, by one record.";
    case "TIMEOUT":
    case "UNREACHABLE":
      return "The servers that know your name did not answer. If that lasts, ask whoever keeps it.";
    case "TAKEN":
      return "Another business uses this name. Remove it there first, or ask the platform.";
  }
}
