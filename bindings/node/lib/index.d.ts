import type { IncomingMessage, ServerResponse } from "node:http";

export type Time = Date | number | string;

export interface Fault {
  pointer: string;
  code: string;
  detail: string;
}
/** What was refused: `code` is stable and for programs, `status` the HTTP status that stands for it. */
export class OrkestrError extends Error {
  readonly code: string;
  readonly status: number;
  readonly faults: readonly Fault[];
}

export const version: string;

export type EngineFunction = "slots" | "explain" | "check" | "quote" | "refund_terms" | "risk" | "performance_score" | "functions";
/** A pure function of the engine by its name; see docs/bindings.md. */
export function engine(name: EngineFunction | (string & {}), input?: object): any;

/** A weekly window, cut into slots. `dayOfWeek`: 0 is Sunday. Times such as "09:00"; an end at or before the start is on the next day. */
export interface Rule {
  dayOfWeek: number;
  startTime: string;
  endTime: string;
  slotMinutes: number;
  stepMinutes?: number | null;
  capacity?: number;
  validFrom?: string | null;
  validUntil?: string | null;
}
/** BLOCK removes every slot that it overlaps, OPEN adds a window. Wall times such as "2026-05-12T09:00". */
export interface AvailabilityException {
  kind: "BLOCK" | "OPEN";
  startsAt: string;
  endsAt: string;
  slotMinutes?: number | null;
  stepMinutes?: number | null;
  capacity?: number | null;
}
export interface ScheduleInput {
  timeZone: string;
  rules?: readonly Rule[];
  exceptions?: readonly AvailabilityException[];
  bufferBeforeMinutes?: number;
  bufferAfterMinutes?: number;
  minNoticeMinutes?: number;
  maxAdvanceDays?: number;
}
export interface Occupancy {
  startsAt: Time;
  endsAt: Time;
  quantity?: number;
  held?: boolean;
}
export interface Slot {
  startsAt: Date;
  endsAt: Date;
  capacity: number;
  remaining: number;
}
/** When something can be booked. Immutable. */
export class Schedule {
  constructor(schedule: ScheduleInput);
  /** Slots that start in the half-open range, at most 366 days; for customers those that they may take now. */
  slots(asked: { from: Time; to: Time; now?: Time; taken?: readonly Occupancy[]; provider?: boolean }): Slot[];
}

/** In the minor unit of the currency. */
export interface Quote {
  unit: number;
  subtotal: number;
  discount: number;
  tax: number;
  total: number;
  currency: string;
}
/** What an offering costs; takes the fields of the REST API. Immutable. */
export class PriceList {
  constructor(prices: { offering: object; pricingRules?: readonly object[]; coupon?: object | null });
  quote(asked: { startsAt: Time; endsAt: Time; now?: Time; quantity?: number; taken?: number; capacity?: number; customerRedemptions?: number }): Quote;
}

export type Body = string | Uint8Array | ArrayBuffer | null | undefined;
export type HeaderList = Iterable<readonly [string, string]> | Record<string, string | readonly string[] | undefined>;

export interface VerifiedWebhook {
  deliveryId: string;
  event: string;
  sentAt: Date;
}
/** Checks a delivery by its bytes and headers. Throws an OrkestrError: `unauthenticated`, `invalid_header`. */
export function verifyWebhook(body: Body, headers: HeaderList, secrets: string | readonly string[], options?: { now?: Time; toleranceMs?: number }): VerifiedWebhook;

export interface PlatformOptions {
  /** Keys for what is sealed at rest, base64 of 32 bytes each, separated by commas; without, there are no webhooks. */
  secrets?: string;
  storefront?: string;
  baseDomain?: string;
  /** Requests of a key in 20 seconds; 0: no limit. */
  rateLimit?: number;
  /** With `secrets`, threads of the platform's own send them, as docs/webhooks.md says. false: another process does. */
  webhooks?: boolean;
  /** They may lead to this machine, and there by http: for development and tests. */
  allowLoopback?: boolean;
  /** Told on the event loop after commits that made events. */
  onEvents?: () => void;
}
export interface PlatformResponse {
  status: number;
  headers: [string, string][];
  body: Buffer;
}
export interface Tenant {
  id: string;
  name: string;
  subdomain: string;
  [field: string]: unknown;
}
export interface OrkestrEvent {
  id: string;
  event: string;
  timestamp: string;
  tenantId: string;
  data: any;
}
/** Bookings on a store: "memory:", the name of an SQLite file, or "postgresql://…". What waits runs off the event loop. */
export class Platform {
  constructor(store?: string, options?: PlatformOptions);
  /** A business, and a key with every scope, which is shown this once. */
  createTenant(tenant: { name: string; subdomain: string; currency?: string; timeZone?: string; locale?: string }): Promise<{ tenant: Tenant; apiKey: string }>;
  /** The REST API as a function. */
  handle(request: { method?: string; target: string; headers?: HeaderList; body?: Body; peer?: string }): Promise<PlatformResponse>;
  /** Calls the API with a key. Rejects with an OrkestrError for what it refuses. */
  request(key: string, method: string, target: string, json?: unknown): Promise<any>;
  /** Events behind the one with the id `after`; who goes on behind the last misses nothing. */
  events(tenantId: string, after?: string, limit?: number): Promise<OrkestrEvent[]>;
  /** Does what is due; to be called every second or so. */
  runDue(): Promise<Record<string, number | boolean>>;
  /** Lets go of the store, once what is under way has ended; webhooks have five seconds for it. */
  close(): Promise<void>;
}

/** A function from Request to Response, below `base`. */
export function fetchHandler(platform: Platform, options?: { base?: string; peer?: (request: Request) => string }): (request: Request) => Promise<Response>;
/** For Express, Connect and node:http; Express has taken the path before it off already. */
export function nodeHandler(platform: Platform): (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => Promise<void>;
