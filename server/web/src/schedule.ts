// The free times of an offering, month by month, as they were when last asked for.

import { signal, type Signal } from "@preact/signals";

import { ask, type Schemas } from "./api";
import { addDays, addMonths, firstOf } from "./calendar";
import { bookable, type Kind, type Time } from "./slots";

export interface Month {
  /** Null until they are known. */
  times: Time[] | null;
  failed: boolean;
  askedAt: number;
}

export class Schedule {
  private readonly months = new Map<string, Signal<Month>>();
  private readonly asking = new Map<string, Promise<void>>();

  /** @param today  before which nothing is asked for */
  constructor(
    private readonly tenant: string,
    private readonly slug: string,
    private readonly leastMinutes: number,
    private readonly today: string,
    private readonly quantity: number,
    private readonly kind: Kind,
  ) {}

  month(name: string): Signal<Month> {
    let month = this.months.get(name);
    if (!month) this.months.set(name, (month = signal({ times: null, failed: false, askedAt: 0 })));
    return month;
  }

  /** Asks unless that was done within `freshMs`. What is known stays until there is an answer, and also when there is none. */
  load(name: string, freshMs: number): Promise<void> {
    if (Date.now() - this.month(name).value.askedAt < freshMs) return Promise.resolve();
    let asking = this.asking.get(name);
    if (!asking) {
      asking = this.ask(name).finally(() => this.asking.delete(name));
      this.asking.set(name, asking);
    }
    return asking;
  }

  private async ask(name: string): Promise<void> {
    const month = this.month(name);
    if (month.value.failed) month.value = { ...month.value, failed: false };
    // A day more on both sides, since a month is shown in any zone; and what a booking that begins late may need of the days after.
    const before = addDays(firstOf(name), -1);
    const from = before < this.today ? this.today : before;
    const to = addDays(firstOf(addMonths(name, 1)), 2 + Math.floor(this.leastMinutes / 1440));
    try {
      const list = await ask<Schemas["SlotList"]>(this.tenant, `/offerings/${encodeURIComponent(this.slug)}/slots?from=${from}&to=${to}&quantity=${this.quantity}`);
      month.value = { times: bookable(list.slots, this.leastMinutes, this.kind), failed: false, askedAt: Date.now() };
    } catch {
      month.value = { ...month.value, failed: month.value.times === null };
    }
  }
}
