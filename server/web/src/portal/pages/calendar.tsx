// Bookings in a calendar of one's own: an address that is as good as a key.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Facts, Heading, Secret, State } from "../../ui/bits";
import { when } from "../../ui/dates";
import { confirmed, Dialog } from "../../ui/dialog";
import { Show, useLoad } from "../../ui/load";
import { client, ok } from "../../ui/problem";
import { attempt } from "../../ui/toast";
import { zone } from "../session";

const places: readonly (readonly [string, string])[] = [
  ["Google Calendar", "Beside “Other calendars” choose +, then “From URL”, and paste the address."],
  ["Outlook", "Choose “Add calendar”, then “Subscribe from web”, and paste the address."],
  ["Apple Calendar", "In the menu choose “File”, then “New Calendar Subscription”, and paste the address."],
];

/** Calendar programs of this device open such an address by themselves. */
const subscribed = (url: string): string => url.replace(/^https?:/, "webcal:");

export default function Calendar(): VNode {
  const found = useLoad(() => ok(client.GET("/v1/provider/calendar-token")));
  const made = useSignal<string | null>(null);
  const make = (): Promise<boolean> =>
    attempt(async () => {
      made.value = (await ok(client.POST("/v1/provider/calendar-token"))).url;
      await found.again();
    });
  const reset = async (): Promise<void> => {
    if (await confirmed("Make a new address?", "Every calendar that follows the old address stops at once, also those of others whom you gave it.", "Make a new one")) await make();
  };
  const remove = async (): Promise<void> => {
    if (!(await confirmed("Take the address away?", "Every calendar that follows it stops at once.", "Take it away"))) return;
    if (await attempt(() => ok(client.DELETE("/v1/provider/calendar-token")), "It is gone.")) await found.again();
  };
  return (
    <>
      <Heading title="Calendar" intro="See bookings in the calendar that you use anyway. It looks again by itself, every few hours." />
      <Show of={found} rows={3}>
        {({ createdAt }) => (
          <section class="card">
            <h2>
              Your address <State of={createdAt ? "ACTIVE" : ""} words={createdAt ? "In use" : "None yet"} />
            </h2>
            <p class="quiet">
              It is for you alone: whoever knows it sees the bookings, with the names of customers. It ends when you leave the team.
            </p>
            {createdAt && <Facts facts={[["Made", when(createdAt, zone())]]} />}
            <footer>
              {createdAt ? (
                <>
                  <button type="button" class="second" onClick={() => void remove()}>
                    Take it away
                  </button>
                  <button type="button" onClick={() => void reset()}>
                    Make a new one
                  </button>
                </>
              ) : (
                <button type="button" onClick={() => void make()}>
                  Make an address
                </button>
              )}
            </footer>
          </section>
        )}
      </Show>
      <section class="card">
        <h2>Where to paste it</h2>
        <dl class="facts">
          {places.map(([place, words]) => (
            <div key={place}>
              <dt>{place}</dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      </section>
      {made.value && (
        <Dialog title="Your calendar’s address" onClose={() => (made.value = null)}>
          <Secret text={made.value} words="This is the only time that it is shown. Paste it into your calendar now." />
          <p>
            <a href={subscribed(made.value)}>Open it in the calendar of this device</a>
          </p>
        </Dialog>
      )}
    </>
  );
}
