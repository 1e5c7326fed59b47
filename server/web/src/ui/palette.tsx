// Everything by name: Ctrl-K, or Cmd-K.

import { signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";

import { Dialog } from "./dialog";

export interface Entry {
  label: string;
  group: string;
  /** Words by which it is found besides. */
  also?: string;
  act: () => void;
}
export const paletteOpen = signal(false);

addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  paletteOpen.value = !paletteOpen.value;
});

/** Whether the letters of a word stand in a label in their order. */
export function matches(typed: string, label: string): boolean {
  let at = 0;
  const text = label.toLowerCase();
  return [...typed.toLowerCase().replaceAll(" ", "")].every((letter) => (at = text.indexOf(letter, at) + 1) > 0);
}

function Open({ entries }: { entries: readonly Entry[] }): VNode {
  const typed = useSignal("");
  const at = useSignal(0);
  const id = useId();
  const close = (): void => void (paletteOpen.value = false);
  const found = entries.filter(({ label, group, also }) => matches(typed.value, `${label} ${group} ${also ?? ""}`)).slice(0, 12);
  const chosen = Math.min(at.value, found.length - 1);
  return (
    <Dialog title="Go to …" onClose={close}>
      <input
        role="combobox"
        aria-label="Page or action"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found[chosen] ? `${id}-${chosen}` : undefined}
        autocomplete="off"
        placeholder="Type a page or an action"
        value={typed.value}
        onInput={(e) => {
          typed.value = e.currentTarget.value;
          at.value = 0;
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step && found.length > 0) {
            event.preventDefault();
            at.value = (chosen + step + found.length) % found.length;
          } else if (event.key === "Enter" && found[chosen]) {
            close();
            found[chosen].act();
          }
        }}
      />
      <ul class="palette" role="listbox" id={id} aria-label="What fits">
        {found.map(({ label, group, act }, i) => (
          <li
            key={group + label}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            onClick={() => {
              close();
              act();
            }}
          >
            {label} <span class="quiet">{group}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="quiet">Nothing of that name.</p>}
    </Dialog>
  );
}

export function Palette({ entries }: { entries: () => readonly Entry[] }): VNode | null {
  return paletteOpen.value ? <Open entries={entries()} /> : null;
}
