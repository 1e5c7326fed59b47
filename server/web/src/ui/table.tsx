// Tables: rows that are asked for page by page, filters that live in the address and can be kept by name, several rows acted on at once.
// On narrow screens each row is a card.

import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import { useLocation } from "preact-iso";
import * as v from "valibot";

import { Dialog } from "./dialog";
import { Failed, Skeleton } from "./load";
import { wordsOf } from "./problem";

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** Where it leads, or what it is: bold, and first on a card. */
  main?: boolean;
  number?: boolean;
  /** By what rows can be put in order; the table has them newest first. */
  by?: (row: Row) => string | number | null;
}
interface Order {
  title: string;
  down: boolean;
}
export interface Page<Row> {
  data: Row[];
  nextCursor: string | null;
}
export interface Bulk<Row> {
  label: string;
  act: (rows: Row[]) => Promise<unknown>;
  fits?: (row: Row) => boolean;
}

export interface Filter {
  name: string;
  label: string;
  /** None: a text to search for. */
  options?: readonly (readonly [string, string])[];
}

/** The filters as the address has them. */
export function useFilters(filters: readonly Filter[]): [Record<string, string>, (next: Record<string, string>) => void] {
  const { path, query, route } = useLocation();
  const values: Record<string, string> = {};
  for (const { name } of filters) if (query[name]) values[name] = query[name];
  const set = (next: Record<string, string>): void => {
    const all = new URLSearchParams(Object.entries(next).filter(([, value]) => value !== ""));
    route(path + (all.size > 0 ? `?${all}` : ""), true);
  };
  return [values, set];
}

const Kept = v.record(v.string(), v.record(v.string(), v.string()));
const key = (path: string): string => `orkestr.filters.${path}`;
function kept(path: string): Record<string, Record<string, string>> {
  try {
    const found = v.safeParse(Kept, JSON.parse(localStorage.getItem(key(path)) ?? "{}"));
    return found.success ? found.output : {};
  } catch {
    return {};
  }
}
const changes = signal(0);

export function Filters({ filters }: { filters: readonly Filter[] }): VNode {
  const { path } = useLocation();
  const [values, set] = useFilters(filters);
  const naming = useSignal(false);
  const name = useSignal("");
  void changes.value;
  const mine = kept(path);
  const keep = (all: Record<string, Record<string, string>>): void => {
    localStorage.setItem(key(path), JSON.stringify(all));
    changes.value++;
  };
  const same = (one: Record<string, string>): boolean => new URLSearchParams(one).toString() === new URLSearchParams(values).toString();
  const id = useId();
  return (
    <div class="filters" role="search">
      {filters.map((filter) => (
        <span key={filter.name}>
          <label class="sr" for={id + filter.name}>
            {filter.label}
          </label>
          {filter.options ? (
            <select id={id + filter.name} value={values[filter.name] ?? ""} onChange={(e) => set({ ...values, [filter.name]: e.currentTarget.value })}>
              <option value="">{filter.label}: any</option>
              {filter.options.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          ) : (
            <input
              id={id + filter.name}
              type="search"
              placeholder={filter.label}
              value={values[filter.name] ?? ""}
              onChange={(e) => set({ ...values, [filter.name]: e.currentTarget.value.trim() })}
            />
          )}
        </span>
      ))}
      {Object.entries(mine).map(([label, one]) => (
        <span class="kept" key={label}>
          <button type="button" class={same(one) ? "chip on" : "chip"} aria-pressed={same(one)} onClick={() => set(same(one) ? {} : one)}>
            {label}
          </button>
          {same(one) && (
            <button
              type="button"
              class="chip"
              aria-label={`Forget the filter ${label}`}
              onClick={() => {
                const { [label]: gone, ...rest } = kept(path);
                keep(rest);
              }}
            >
              ×
            </button>
          )}
        </span>
      ))}
      {Object.keys(values).length > 0 && (
        <>
          <button type="button" class="plain" onClick={() => set({})}>
            Clear
          </button>
          {!Object.values(mine).some(same) && (
            <button type="button" class="plain" onClick={() => (naming.value = true)}>
              Keep this filter
            </button>
          )}
        </>
      )}
      {naming.value && (
        <Dialog title="Keep this filter" onClose={() => (naming.value = false)}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              keep({ ...kept(path), [name.value.trim()]: values });
              naming.value = false;
            }}
          >
            <div class="field">
              <label for={`${id}-name`}>Name</label>
              <input id={`${id}-name`} required maxLength={40} value={name.value} onInput={(e) => (name.value = e.currentTarget.value)} />
              <p class="hint">It is kept in this browser.</p>
            </div>
            <footer>
              <button type="submit">Keep it</button>
            </footer>
          </form>
        </Dialog>
      )}
    </div>
  );
}

/** What has nothing to be compared by comes last, either way; what is equal stays as it was. */
export function inOrder<Row>(rows: readonly Row[], by: (row: Row) => string | number | null, down: boolean): Row[] {
  const words = new Intl.Collator(navigator.language, { numeric: true, sensitivity: "base" });
  return [...rows].sort((one, other) => {
    const [a, b] = [by(one), by(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    const order = typeof a === "number" && typeof b === "number" ? a - b : words.compare(String(a), String(b));
    return down ? -order : order;
  });
}

/** What a table shows, and how it is asked anew. */
export class Rows<Row> {
  readonly all = signal<Row[] | undefined>(undefined);
  readonly next = signal<string | null>(null);
  readonly failed = signal<string | undefined>(undefined);
  readonly more = signal(false);
  private round = 0;

  constructor(private readonly ask: (cursor: string | undefined) => Promise<Page<Row>>) {}

  async load(): Promise<void> {
    await this.fetch(undefined);
  }
  async loadMore(): Promise<void> {
    if (this.more.value || !this.next.value) return;
    this.more.value = true;
    await this.fetch(this.next.value);
    this.more.value = false;
  }
  private async fetch(cursor: string | undefined): Promise<void> {
    const mine = ++this.round;
    try {
      const { data, nextCursor } = await this.ask(cursor);
      if (mine !== this.round) return;
      this.all.value = cursor ? [...(this.all.value ?? []), ...data] : data;
      this.next.value = nextCursor;
      this.failed.value = undefined;
    } catch (error) {
      if (mine === this.round) this.failed.value = wordsOf(error);
    }
  }
}

export function useRows<Row>(ask: (cursor: string | undefined) => Promise<Page<Row>>, about: unknown[] = []): Rows<Row> {
  const rows = useMemo(() => new Rows(ask), about);
  useEffect(() => void rows.load(), [rows]);
  return rows;
}

export function Table<Row>(props: {
  caption: string;
  rows: Rows<Row>;
  columns: readonly Column<Row>[];
  idOf: (row: Row) => string;
  empty: ComponentChildren;
  bulk?: readonly Bulk<Row>[];
  /** Whether rows are filtered: then nothing found is not nothing there. */
  filtered?: boolean;
}): VNode {
  const { rows, columns, idOf, bulk = [] } = props;
  const picked = useSignal<Set<string>>(new Set());
  const busy = useSignal(false);
  const order = useSignal<Order | null>(null);
  const by = columns.find(({ title }) => title === order.value?.title)?.by;
  const known = rows.all.value;
  const all = known && order.value && by ? inOrder(known, by, order.value.down) : known;
  const head = useRef<HTMLInputElement>(null);
  const table = useId();
  useEffect(() => {
    picked.value = new Set();
  }, [rows]);
  const chosen = (all ?? []).filter((row) => picked.value.has(idOf(row)));
  useEffect(() => {
    if (head.current) head.current.indeterminate = chosen.length > 0 && chosen.length < (all?.length ?? 0);
  });
  if (!all) return rows.failed.value ? <Failed words={rows.failed.value} again={() => void rows.load()} /> : <Skeleton rows={6} />;
  if (all.length === 0) return <>{props.filtered ? <div class="empty"><p>Nothing fits these filters.</p></div> : props.empty}</>;
  const pick = (id: string, on: boolean): void => {
    const next = new Set(picked.value);
    if (on) next.add(id);
    else next.delete(id);
    picked.value = next;
  };
  return (
    <div class="table">
      {chosen.length > 0 && (
        <div class="bulk" role="group" aria-label="What is chosen">
          <strong>{chosen.length} chosen</strong>
          {bulk.map(({ label, act, fits }) => {
            const fitting = fits ? chosen.filter(fits) : chosen;
            return (
              <button
                type="button"
                key={label}
                class="second"
                disabled={fitting.length === 0 || busy.value}
                onClick={async () => {
                  busy.value = true;
                  const done = await act(fitting);
                  busy.value = false;
                  if (done !== false) picked.value = new Set(); // a change of mind keeps what was chosen
                }}
              >
                {label} {fitting.length < chosen.length ? `(${fitting.length})` : ""}
              </button>
            );
          })}
          <button type="button" class="plain" onClick={() => (picked.value = new Set())}>
            None
          </button>
        </div>
      )}
      <table>
        <caption class="sr">{props.caption}</caption>
        <thead>
          <tr>
            {bulk.length > 0 && (
              <th scope="col" class="pick">
                <input
                  ref={head}
                  type="checkbox"
                  aria-label="Choose all that are shown"
                  checked={chosen.length === all.length}
                  onChange={(e) => (picked.value = e.currentTarget.checked ? new Set(all.map(idOf)) : new Set())}
                />
              </th>
            )}
            {columns.map(({ title, number, by }) => {
              const mine = order.value?.title === title ? order.value : null;
              return (
                <th scope="col" key={title} class={number ? "number" : ""} aria-sort={mine ? (mine.down ? "descending" : "ascending") : undefined}>
                  {by ? (
                    // Up, down, and as it was.
                    <button type="button" class="plain order" onClick={() => (order.value = !mine ? { title, down: false } : mine.down ? null : { title, down: true })}>
                      {title}
                      <span aria-hidden="true">{mine ? (mine.down ? "↓" : "↑") : ""}</span>
                    </button>
                  ) : (
                    title || <span class="sr">Actions</span>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {all.map((row) => {
            const id = idOf(row);
            return (
              <tr key={id} class={picked.value.has(id) ? "picked" : ""}>
                {bulk.length > 0 && (
                  <td class="pick">
                    <input type="checkbox" aria-labelledby={`${table}-${id}`} checked={picked.value.has(id)} onChange={(e) => pick(id, e.currentTarget.checked)} />
                  </td>
                )}
                {columns.map(({ title, cell, main, number }) => (
                  <td key={title} data-title={title} {...(main && { id: `${table}-${id}` })} class={[main ? "main" : "", number ? "number" : "", title ? "" : "acts"].join(" ").trim()}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {rows.failed.value && (
        <p class="note bad" role="alert">
          {rows.failed.value}
        </p>
      )}
      {rows.next.value && (
        <p class="more">
          {order.value && <span class="hint">In order among the {all.length} that are shown. </span>}
          <button type="button" class="second" aria-disabled={rows.more.value ? true : undefined} onClick={() => void rows.loadMore()}>
            {rows.more.value ? "One moment …" : "Show more"}
          </button>
        </p>
      )}
    </div>
  );
}
