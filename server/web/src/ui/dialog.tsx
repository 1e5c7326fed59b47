// Dialogs, on the element that browsers have for them: focus stays inside, Escape closes, and what is behind can't be reached.

import { signal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export function Dialog(props: { title: string; wide?: boolean; onClose: () => void; children: ComponentChildren }): VNode {
  const box = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const opener = document.activeElement as HTMLElement | null;
    box.current?.showModal();
    box.current?.querySelector<HTMLElement>("input, select, textarea")?.focus();
    return () => opener?.focus();
  }, []);
  return (
    <dialog
      ref={box}
      class={props.wide ? "wide" : ""}
      aria-labelledby={title}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onMouseDown={(event) => event.target === box.current && props.onClose()}
    >
      <div class="box">
        <header>
          <h2 id={title}>{props.title}</h2>
          <button type="button" class="plain close" aria-label="Close" onClick={props.onClose}>
            ×
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  action: string;
  danger: boolean;
  answer: (yes: boolean) => void;
}
const question = signal<Question | null>(null);

/** Asks before something that can't be taken back. */
export const confirmed = (title: string, text: ComponentChildren, action: string, danger = true): Promise<boolean> =>
  new Promise((answer) => {
    question.value = { title, text, action, danger, answer };
  });

/** Where confirmed() asks. */
export function Questions(): VNode | null {
  const asked = question.value;
  if (!asked) return null;
  const close = (yes: boolean): void => {
    question.value = null;
    asked.answer(yes);
  };
  return (
    <Dialog title={asked.title} onClose={() => close(false)}>
      <div class="text">{asked.text}</div>
      <footer>
        <button type="button" class="second" onClick={() => close(false)}>
          Leave it
        </button>
        <button type="button" class={asked.danger ? "danger" : ""} onClick={() => close(true)}>
          {asked.action}
        </button>
      </footer>
    </Dialog>
  );
}
