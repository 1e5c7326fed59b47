// Small things that many pages show.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";

import { say } from "./toast";

const colours: Record<string, string> = {
  ACTIVE: "good", CONFIRMED: "good", PUBLISHED: "good", VERIFIED: "good", SUCCEEDED: "good", APPROVED: "good", COMPLETED: "good", CLOSED: "good",
  PENDING: "wait", OPEN: "wait", ESCALATED: "wait", INVITED: "wait", HALF_OPEN: "wait", PARTIALLY_REFUNDED: "wait",
  CANCELLED: "bad", REJECTED: "bad", DEAD: "bad", FAILED: "bad", SUSPENDED: "bad", DISABLED: "bad",
};

/** `PARTIALLY_REFUNDED` as people write it. */
export const plain = (state: string): string => (state.charAt(0) + state.slice(1).toLowerCase()).replaceAll("_", " ");

export function State({ of, words }: { of: string; words?: string }): VNode {
  return <span class={`state ${colours[of] ?? ""}`}>{words ?? plain(of)}</span>;
}

/** Copies a text. */
export function Copy({ text, label = "Copy" }: { text: string; label?: string }): VNode {
  return (
    <button
      type="button"
      class="second"
      onClick={async () => {
        try {
          await navigator.clipboard.writeText(text);
          say("Copied.");
        } catch {
          say("The browser did not allow it. Select the text and copy it.", true);
        }
      }}
    >
      {label}
    </button>
  );
}

/** A secret that is shown this once. */
export function Secret({ text, words }: { text: string; words: string }): VNode {
  const box = useRef<HTMLElement>(null);
  return (
    <div class="secret">
      <p>{words}</p>
      <code ref={box} tabIndex={0} onFocus={() => box.current && getSelection()?.selectAllChildren(box.current)}>
        {text}
      </code>
      <Copy text={text} />
    </div>
  );
}

/** Parts of a page beside each other, one at a time. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly (readonly [string, () => ComponentChildren])[] }): VNode {
  const at = useSignal(0);
  const list = useRef<HTMLDivElement>(null);
  const go = (to: number): void => {
    at.value = (to + tabs.length) % tabs.length;
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[at.value]?.focus();
  };
  return (
    <>
      <div
        class="tabs"
        role="tablist"
        aria-label={label}
        ref={list}
        onKeyDown={(event) => {
          const to = { ArrowRight: at.value + 1, ArrowLeft: at.value - 1, Home: 0, End: tabs.length - 1 }[event.key];
          if (to === undefined) return;
          event.preventDefault();
          go(to);
        }}
      >
        {tabs.map(([title], i) => (
          <button type="button" role="tab" key={title} id={`tab-${i}`} aria-selected={i === at.value} aria-controls={`panel-${i}`} tabIndex={i === at.value ? 0 : -1} onClick={() => (at.value = i)}>
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`panel-${at.value}`} aria-labelledby={`tab-${at.value}`} class="panel" tabIndex={-1}>
        {tabs[at.value]?.[1]()}
      </div>
    </>
  );
}

export function Heading({ title, intro, children }: { title: string; intro?: ComponentChildren; children?: ComponentChildren }): VNode {
  return (
    <header class="heading">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {intro && <p class="quiet">{intro}</p>}
      </div>
      {children && <div class="acts">{children}</div>}
    </header>
  );
}

/** A term and what it is; what is empty is left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }): VNode {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
        .map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
