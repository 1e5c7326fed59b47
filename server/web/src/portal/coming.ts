// Routes that the OpenAPI document does not have yet. Once it has them, this file goes, and `coming` becomes `client`.

import type { Client } from "openapi-fetch";

import { client, type Schemas } from "../ui/problem";

export interface CalendarAddress {
  /** Never told again. */
  url: string | null;
  createdAt: string | null;
}

export interface CustomDomain {
  domain: string | null;
  status: "NONE" | "PENDING" | "VERIFIED" | "FAILED";
  target: string;
  checkedAt: string | null;
  verifiedAt: string | null;
  failure: "NOT_FOUND" | "OTHER_TARGET" | "LOOP" | "TIMEOUT" | "UNREACHABLE" | "TAKEN" | null;
  /** Where it leads in place of the target. */
  found: string | null;
}

export interface Fault {
  /** As a spreadsheet counts, the header is 1; 0: it is about the file. */
  row: number;
  /** Empty: it is about the row. */
  column: string;
  code: string;
  detail: string;
  value: string;
}

export interface Import {
  id: string;
  status: "CHECKING" | "WRITING" | "DONE" | "FAILED";
  dryRun: boolean;
  fileName?: string | null;
  rows: number;
  rowsDone: number;
  offerings: number;
  availabilityRules: number;
  faults: Fault[];
  faultCount: number;
  createdAt: string;
  finishedAt: string | null;
}

type Json<T> = { headers: Record<string, unknown>; content: { "application/json": T } };
type Answers<T, Status extends number = 200> = { [S in Status]: Json<T> } & { default: Json<Schemas["Problem"]> };
type Nothing = { 204: { headers: Record<string, unknown>; content?: never }; default: Json<Schemas["Problem"]> };
type Params<Query = undefined, Path = undefined> = {
  parameters: { query?: Query; header?: { "If-Match"?: string }; path?: Path; cookie?: never };
};
type Body<T> = { requestBody?: { content: { "application/json": T } } };
type Csv = { requestBody: { content: { "text/csv": string } } };

interface Paths {
  "/v1/provider/calendar-token": {
    get: Params & { responses: Answers<CalendarAddress> };
    post: Params & Body<object> & { responses: Answers<{ url: string }, 201> };
    delete: Params & { responses: Nothing };
  };
  "/v1/provider/domain": {
    get: Params & { responses: Answers<CustomDomain> };
    put: Params & Body<{ domain: string }> & { responses: Answers<CustomDomain> };
    delete: Params & { responses: Nothing };
  };
  "/v1/provider/domain/check": { post: Params & Body<object> & { responses: Answers<CustomDomain> } };
  "/v1/provider/imports": {
    get: Params<{ limit?: number; cursor?: string }> & { responses: Answers<{ data: Import[]; hasMore: boolean; nextCursor: string | null }> };
    post: Params<{ dryRun?: boolean; fileName?: string }> & Csv & { responses: Answers<Import, 200 | 202> };
  };
  "/v1/provider/imports/{id}": {
    get: { parameters: { path: { id: string } } } & { responses: Answers<Import> };
  };
}

export const coming = client as unknown as Client<Paths>;
