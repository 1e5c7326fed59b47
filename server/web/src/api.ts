// The public API, asked from the page of its own host.

import { say, sayFault } from "./catalogue";
import type { components } from "./openapi";

export type Schemas = components["schemas"];

/** What went wrong, with words for people and a code where the API gave one. */
export class Trouble extends Error {
  constructor(
    readonly code: string,
    words: string,
  ) {
    super(words);
  }
}

/** Asks below `/v1/public/{tenant}`. @throws Trouble */
export async function ask<Answer>(tenant: string, below: string, body?: object): Promise<Answer> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(`/v1/public/${encodeURIComponent(tenant)}${below}`, {
      ...(body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
      credentials: "omit",
      signal: AbortSignal.timeout(15_000),
    });
    answer = await response.json();
  } catch {
    throw new Trouble("unreachable", say("live.unreachable"));
  }
  if (response.ok) return answer as Answer;
  const { code, detail } = answer as Partial<Schemas["Problem"]>;
  throw new Trouble(code ?? "", response.status >= 500 || !detail ? say("live.unreachable") : sayFault(code ?? "", detail));
}
