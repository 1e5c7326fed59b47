// Orkestr for Node: what is JavaScript about it. The work is done in the addon.

import { createRequire } from "node:module";

const native = createRequire(import.meta.url)(`../prebuilds/${process.platform}-${process.arch}/orkestr.node`);

/** What was refused: `code` is stable and for programs, `status` the HTTP status that stands for it. */
export class OrkestrError extends Error {
  constructor({ code, status, detail, errors = [] }) {
    super(detail);
    this.name = "OrkestrError";
    this.code = code;
    this.status = status;
    this.faults = errors;
  }
}

const own = (error) => (typeof error?.orkestr === "string" ? new OrkestrError(JSON.parse(error.orkestr)) : error);
const ask = (call) => {
  try {
    return call();
  } catch (error) {
    throw own(error);
  }
};
const asked = async (call) => {
  try {
    return await call();
  } catch (error) {
    throw own(error);
  }
};

const ms = (at) => {
  const value = at instanceof Date ? at.getTime() : typeof at === "number" ? at : Date.parse(at);
  if (!Number.isFinite(value)) throw new TypeError(`not a time: ${at}`);
  return value;
};

export const version = native.version;

/** A pure function of the engine by its name; dates are written as the REST API has them. */
export const engine = (name, input = {}) => JSON.parse(ask(() => native.engine(name, JSON.stringify(input))));

export class Schedule {
  #native;
  constructor(schedule) {
    this.#native = ask(() => new native.Schedule(JSON.stringify(schedule)));
  }
  slots({ from, to, now = Date.now(), taken = [], provider = false }) {
    const flat = Float64Array.from(taken.flatMap(({ startsAt, endsAt, quantity = 1, held = false }) => [ms(startsAt), ms(endsAt), quantity, held ? 1 : 0]));
    const found = ask(() => this.#native.slots(ms(from), ms(to), ms(now), flat, provider));
    return Array.from({ length: found.length / 4 }, (_, i) => ({
      startsAt: new Date(found[i * 4]),
      endsAt: new Date(found[i * 4 + 1]),
      capacity: found[i * 4 + 2],
      remaining: found[i * 4 + 3],
    }));
  }
}

export class PriceList {
  #native;
  constructor(prices) {
    this.#native = ask(() => new native.PriceList(JSON.stringify(prices)));
  }
  quote({ startsAt, endsAt, now = Date.now(), quantity = 1, taken = 0, capacity = 0, customerRedemptions = 0 }) {
    return ask(() => this.#native.quote(ms(startsAt), ms(endsAt), ms(now), quantity, taken, capacity, customerRedemptions));
  }
}

const bytes = (body) => (typeof body === "string" ? new TextEncoder().encode(body) : body instanceof Uint8Array ? body : new Uint8Array(body ?? 0));
const pairs = (headers) => {
  if (!headers) return [];
  const list = typeof headers[Symbol.iterator] === "function" ? [...headers] : Object.entries(headers);
  return list.flatMap(([name, value]) => (Array.isArray(value) ? value.flatMap((one) => [name, String(one)]) : value === undefined ? [] : [name, String(value)]));
};

/** Checks a delivery by its bytes and headers. Throws an OrkestrError: `unauthenticated`, `invalid_header`. */
export function verifyWebhook(body, headers, secrets, { now = Date.now(), toleranceMs = 300_000 } = {}) {
  const list = typeof secrets === "string" ? [secrets] : secrets;
  const { deliveryId, event, sentAt } = JSON.parse(ask(() => native.verifyWebhook(bytes(body), pairs(headers), list, ms(now), toleranceMs)));
  return { deliveryId, event, sentAt: new Date(sentAt) };
}

export class Platform {
  #native;
  constructor(store = "memory:", { secrets = "", storefront = "", baseDomain = "", rateLimit = 0, webhooks = true, allowLoopback = false, onEvents } = {}) {
    const flags = (webhooks ? 0 : 1) | (allowLoopback ? 2 : 0);
    this.#native = ask(() => new native.Platform(store, secrets, storefront, baseDomain, rateLimit, flags, onEvents));
  }
  /** A business, and a key with every scope, which is shown this once. */
  async createTenant({ name, subdomain, currency = "USD", timeZone = "UTC", locale = "en" }) {
    return JSON.parse(await asked(() => this.#native.createTenant(JSON.stringify({ name, subdomain, displayCurrency: currency, timeZone, locale }))));
  }
  /** The REST API as a function. */
  handle({ method = "GET", target, headers, body, peer = "" }) {
    return asked(() => this.#native.handle(method, target, pairs(headers), bytes(body), peer));
  }
  /** Calls the API with a key, and returns what it answers as JSON. Throws an OrkestrError for what it refuses. */
  async request(key, method, target, json) {
    const { status, body } = await this.handle({
      method,
      target,
      headers: { authorization: `Bearer ${key}`, ...(json !== undefined && { "content-type": "application/json" }) },
      body: json === undefined ? undefined : JSON.stringify(json),
    });
    const answer = body.length > 0 ? JSON.parse(body.toString()) : null;
    if (status >= 400) throw new OrkestrError({ ...answer, status });
    return answer;
  }
  /** Events behind the one with the id `after`; who goes on behind the last misses nothing. */
  async events(tenantId, after = "", limit = 100) {
    return JSON.parse(await asked(() => this.#native.events(tenantId, after, limit))).data;
  }
  /** Does what is due; to be called every second or so. */
  async runDue() {
    return JSON.parse(await asked(() => this.#native.runDue()));
  }
  /** Lets go of the store, once what is under way has ended; webhooks have five seconds for it. */
  async close() {
    await this.#native.close();
  }
}

const largest = 50 * 1024 * 1024; // what any route takes; the API has its own limits below
const whole = async (stream) => {
  const parts = [];
  let size = 0;
  for await (const part of stream) {
    parts.push(part);
    if ((size += part.length) > largest) break;
  }
  return Buffer.concat(parts);
};

/** `app.all("/booking/*", (c) => handler(c.req.raw))`: a function from Request to Response, below `base`. */
export function fetchHandler(platform, { base = "", peer = () => "" } = {}) {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const below = base && (pathname === base || pathname.startsWith(`${base}/`)) ? pathname.slice(base.length) || "/" : pathname;
    const answer = await platform.handle({
      method: request.method,
      target: below + search,
      headers: request.headers,
      body: request.body ? await whole(request.body) : undefined,
      peer: peer(request),
    });
    const bare = request.method === "HEAD" || answer.status === 204 || answer.status === 304;
    return new Response(bare ? null : answer.body, { status: answer.status, headers: answer.headers });
  };
}

/** `app.use("/booking", nodeHandler(platform))`: for Express, Connect and node:http; Express has taken the path before it off already. */
export function nodeHandler(platform) {
  return async (request, response, next) => {
    try {
      const { rawHeaders } = request;
      const answer = await platform.handle({
        method: request.method,
        target: request.url,
        headers: rawHeaders.filter((_, i) => i % 2 === 0).map((name, i) => [name, rawHeaders[i * 2 + 1]]),
        body: await whole(request.iterator({ destroyOnReturn: false })),
        peer: request.socket.remoteAddress ?? "",
      });
      response.statusCode = answer.status;
      for (const [name, value] of answer.headers) response.appendHeader(name, value);
      response.setHeader("Content-Length", answer.body.length);
      response.end(request.method === "HEAD" ? undefined : answer.body);
    } catch (error) {
      if (!next) throw error;
      next(error);
    }
  };
}
