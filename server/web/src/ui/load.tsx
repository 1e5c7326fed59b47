// What a page shows while it asks, when it failed, and when there is nothing.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, ComponentType, VNode } from "preact";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { lazy } from "preact-iso";

import { wordsOf } from "./problem";

export interface Loaded<T> {
  data: T | undefined;
  failed: string | undefined;
  /** Asks again; what is shown stays until the answer is there. */
  again: () => Promise<void>;
}

/** Asks when it is first shown, and whenever `about` changes. */
export function useLoad<T>(ask: () => Promise<T>, about: unknown[] = []): Loaded<T> {
  const data = useSignal<T | undefined>(undefined);
  const failed = useSignal<string | undefined>(undefined);
  const round = useRef(0);
  const again = useCallback(async (): Promise<void> => {
    const mine = ++round.current;
    try {
      const answer = await ask();
      if (mine !== round.current) return;
      data.value = answer;
      failed.value = undefined;
    } catch (error) {
      if (mine === round.current) failed.value = wordsOf(error);
    }
  }, about);
  useEffect(() => {
    data.value = undefined;
    void again();
  }, [again]);
  return { data: data.value, failed: failed.value, again };
}

/** All pages of a list that is short as a rule; the newest thousands of one that is not. */
export async function everything<T>(ask: (page: { limit: number; cursor?: string }) => Promise<{ data: T[]; nextCursor: string | null }>, most = 5000): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | null | undefined; cursor !== null && all.length < most; ) {
    const page = await ask({ limit: 200, ...(cursor && { cursor }) });
    all.push(...page.data);
    cursor = page.nextCursor;
  }
  return all;
}

function Missing(): VNode {
  return (
    <Empty page title="This page could not be loaded">
      <p>Your connection may have failed, or there is a new version.</p>
      <p>
        <button type="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </p>
    </Empty>
  );
}

/** A page that is fetched when it is first shown; once more where that fails, and then it says so. */
export const page = (load: () => Promise<{ default: ComponentType }>): ComponentType =>
  lazy(() =>
    load()
      .catch(() => new Promise((done) => setTimeout(done, 1000)).then(load))
      .catch(() => ({ default: Missing })),
  );

export function Skeleton({ rows = 4 }: { rows?: number }): VNode {
  return (
    <div class="skeletons" aria-busy="true">
      <span class="sr">Loading …</span>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} class="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Failed({ words, again }: { words: string; again: () => void }): VNode {
  return (
    <div class="empty" role="alert">
      <p>{words}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

/** @param page  it is all there is: then its title is the page's */
export function Empty({ title, page, children }: { title: string; page?: boolean; children?: ComponentChildren }): VNode {
  return (
    <div class="empty">
      {page ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  );
}

/** The rest of a page, once there is something to show. */
export function Show<T>({ of, rows, children }: { of: Loaded<T>; rows?: number; children: (data: T) => ComponentChildren }): VNode {
  if (of.data === undefined) return of.failed ? <Failed words={of.failed} again={() => void of.again()} /> : <Skeleton rows={rows ?? 4} />;
  return (
    <>
      {of.failed && (
        <p class="note bad" role="alert">
          {of.failed}
        </p>
      )}
      {children(of.data)}
    </>
  );
}
