// Short words about what has just happened.

import { signal } from "@preact/signals";
import type { VNode } from "preact";

import { wordsOf } from "./problem";

interface Said {
  id: number;
  words: string;
  bad: boolean;
}

const said = signal<Said[]>([]);
let last = 0;

export function say(words: string, bad = false): void {
  const id = ++last;
  said.value = [...said.value.slice(-2), { id, words, bad }];
  setTimeout(() => (said.value = said.value.filter((one) => one.id !== id)), bad ? 9000 : 5000);
}

/** Does something, and says that it is done or why it is not. @returns whether it is */
export async function attempt(act: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await act();
    if (done) say(done);
    return true;
  } catch (error) {
    say(wordsOf(error), true);
    return false;
  }
}

export function Toasts(): VNode {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said.value.map(({ id, words, bad }) => (
        <p key={id} class={bad ? "toast bad" : "toast"}>
          {words}
          <button type="button" class="plain" aria-label="Dismiss" onClick={() => (said.value = said.value.filter((one) => one.id !== id))}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
