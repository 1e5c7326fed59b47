// A button that opens a few actions.

import type { ComponentChildren, VNode } from "preact";
import { useId, useRef } from "preact/hooks";

export interface Action {
  label: string;
  act: () => void;
  danger?: boolean;
}

export function Menu({ label, actions, children }: { label: string; actions: (Action | false | null | undefined)[]; children?: ComponentChildren }): VNode | null {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const shown = actions.filter((action): action is Action => !!action);
  if (shown.length === 0) return null;
  const items = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>("button") ?? [])];
  const place = (): void => {
    if (!list.current || !button.current) return;
    const at = button.current.getBoundingClientRect();
    const height = list.current.offsetHeight;
    list.current.style.setProperty("top", `${at.bottom + height + 8 > innerHeight ? Math.max(8, at.top - height - 4) : at.bottom + 4}px`);
    list.current.style.setProperty("left", `${Math.max(8, Math.min(at.right - list.current.offsetWidth, innerWidth - list.current.offsetWidth - 8))}px`);
  };
  return (
    <span class="menu">
      <button ref={button} type="button" class={children ? "plain" : "plain dots"} aria-label={label} popovertarget={id}>
        {children ?? "⋯"}
      </button>
      <div
        id={id}
        ref={list}
        popover="auto"
        role="group"
        aria-label={label}
        onToggle={(event) => {
          if ((event as ToggleEvent).newState !== "open") return;
          place();
          items()[0]?.focus();
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (!step) return;
          event.preventDefault();
          const all = items();
          all[(all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length]?.focus();
        }}
      >
        {shown.map(({ label: words, act, danger }) => (
          <button
            type="button"
            key={words}
            class={danger ? "item danger-text" : "item"}
            onClick={() => {
              list.current?.hidePopover();
              act();
            }}
          >
            {words}
          </button>
        ))}
      </div>
    </span>
  );
}
