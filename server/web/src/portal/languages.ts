// Languages and what becomes of texts in them, in words.

import type { Schemas } from "../ui/problem";

/** What is offered to choose from; any other code can be typed. */
export const known = ["ar", "ca", "de", "en", "es", "fr", "gl", "it", "ja", "ko", "nl", "pl", "pt", "pt-BR", "sv", "tr", "uk", "zh-Hans", "zh-Hant"] as const;

const names = new Intl.DisplayNames("en", { type: "language" });
/** `Portuguese (Brazil)` of `pt-BR`. */
export function nameOf(tag: string): string {
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag; // no code that a browser knows
  }
}

/** Names of translators are as the operator has configured them: `apertium`. */
export const machineWords = (translator: string): string => translator.charAt(0).toUpperCase() + translator.slice(1);

export const kindWords: Record<Schemas["TranslationKind"], string> = { OFFERING: "Offering", REVIEW: "Review", STOREFRONT: "Storefront", COUPON: "Coupon" };

export const stateWords: Record<Schemas["TranslationState"], string> = {
  PENDING: "On the way",
  TRANSLATED: "Translated",
  STALE: "To look at again",
  NO_TRANSLATOR: "To write yourself",
  FAILED: "Failed",
};
export const stateColours: Record<Schemas["TranslationState"], string> = { PENDING: "PENDING", TRANSLATED: "ACTIVE", STALE: "PENDING", NO_TRANSLATOR: "", FAILED: "FAILED" };

const fields: Record<string, string> = { title: "Title", description: "Description", text: "Text", reply: "Your reply", tagline: "Tagline", about: "About", announcement: "Announcement" };
/** `saleBadges.New` is the badge New. */
export const fieldWords = (name: string): string => fields[name] ?? (name.startsWith("saleBadges.") ? `Badge “${name.slice("saleBadges.".length)}”` : name);
