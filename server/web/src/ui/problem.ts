// What the API refused, with words for people, and how it is asked.

import createClient, { type Middleware } from "openapi-fetch";

import type { components, paths } from "../openapi";

export type Schemas = components["schemas"];

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    words: string,
    /** By JSON pointer: `/basePriceCents`. */
    readonly faults: Record<string, string> = {},
  ) {
    super(words);
  }
}

const unreachable = "The server can't be reached. Check your connection and try again.";

/** What a refusal means to whoever sits in front of it. */
function problemOf(status: number, body: unknown): Problem {
  const { code = "", detail = "", errors = [] } = (body ?? {}) as Partial<Schemas["Problem"]>;
  const faults: Record<string, string> = {};
  for (const { pointer, detail: words } of errors) faults[pointer] ??= words;
  const words =
    status === 412
      ? "Somebody has changed this meanwhile. Reload, look at what is there now, and repeat your change."
      : status === 429
        ? "Too many requests. Wait a moment, then try again."
        : status >= 500
          ? detail || "The server could not do that just now. Try again in a moment."
          : errors.length > 0
            ? "Some fields need another look."
            : detail || "That was refused.";
  return new Problem(status, code, words, faults);
}

/** Whoever repeats a request that may have arrived must not make two of what it makes. */
const onlyOnce: Middleware = {
  onRequest({ request }) {
    if (request.method === "POST" && !new URL(request.url).pathname.startsWith("/v1/auth/"))
      request.headers.set("Idempotency-Key", [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    return request;
  },
};

/** Sends again, once, what a connection that broke may have lost: every POST has its key, and nothing else makes anything. */
async function send(request: Request): Promise<Response> {
  const again = request.clone();
  try {
    return await fetch(request);
  } catch (error) {
    if (request.method === "POST" && !request.headers.has("Idempotency-Key")) throw error;
    await new Promise((done) => setTimeout(done, 800));
    return fetch(again);
  }
}

export const client = createClient<paths>({ baseUrl: location.origin, fetch: send, credentials: "same-origin" });
client.use(onlyOnce);

const tags = new WeakMap<object, string>();

/** Called when a session has ended. */
let gone: () => void = () => undefined;
export const onGone = (act: () => void): void => void (gone = act);

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What was answered, or a Problem. */
export async function ok<T>(asked: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>;
  try {
    answered = await asked;
  } catch {
    throw new Problem(0, "unreachable", unreachable);
  }
  const { data, error, response } = answered;
  if (!response.ok) {
    const problem = problemOf(response.status, error);
    if (problem.code === "unauthenticated") gone();
    throw problem;
  }
  const tag = response.headers.get("ETag");
  if (tag && typeof data === "object" && data !== null) tags.set(data, tag);
  return data as T;
}

/** The header that refuses to overwrite what somebody else has changed since. */
export const unchanged = (resource: object): Record<string, string> => {
  const tag = tags.get(resource);
  return tag ? { "If-Match": tag } : {};
};

export const wordsOf = (error: unknown): string => (error instanceof Problem ? error.message : unreachable);
