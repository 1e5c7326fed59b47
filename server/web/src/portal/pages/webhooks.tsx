// Where events are sent.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Heading, Secret, State } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { Dialog } from "../../ui/dialog";
import { Send, sending, Text, Trouble, useForm, type Form } from "../../ui/form";
import { Empty } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";
import { Table, useRows } from "../../ui/table";
import { mayEdit, zone } from "../session";

type Filter = Schemas["EventFilter"];

export interface WebhookDraft {
  url: string;
  description: string;
  events: Filter[];
}

const groups: readonly (readonly [string, readonly Filter[]])[] = [
  ["All", ["*"]],
  ["Bookings", ["booking.*", "booking.created", "booking.confirmed", "booking.cancelled", "booking.rescheduled", "booking.completed", "booking.refunded"]],
  ["Holds", ["hold.expired"]],
  ["Coupons", ["coupon.redeemed"]],
  ["Offerings", ["offering.published"]],
  ["Disputes", ["dispute.*", "dispute.opened", "dispute.message", "dispute.resolved"]],
  ["Reviews", ["review.created"]],
  ["Business", ["tenant.kyb_verified"]],
];

export function WebhookFields({ form }: { form: Form<WebhookDraft> }): VNode {
  const chosen = form.get("events");
  const covered = (filter: Filter): boolean => filter !== "*" && (chosen.includes("*") || (!filter.endsWith(".*") && chosen.includes(`${filter.split(".")[0]}.*` as Filter)));
  return (
    <>
      <Text form={form} name="url" label="Address" type="url" required placeholder="https://www.example.com/hooks/orkestr" />
      <Text form={form} name="description" label="Description" hint="For you and your team." />
      <fieldset class="events">
        <legend>Events</legend>
        {groups.map(([title, filters]) => (
          <div key={title}>
            <h3>{title}</h3>
            {filters.map((filter) => (
              <label class="check" key={filter}>
                <input
                  type="checkbox"
                  checked={chosen.includes(filter) || covered(filter)}
                  disabled={covered(filter)}
                  onChange={(e) => form.set("events", e.currentTarget.checked ? [...chosen, filter] : chosen.filter((one) => one !== filter))}
                />
                <code>{filter === "*" ? "every event" : filter}</code>
              </label>
            ))}
          </div>
        ))}
        {form.faults.value["/events"] && <p class="fault">{form.faults.value["/events"]}</p>}
      </fieldset>
    </>
  );
}

export default function Webhooks(): VNode {
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/webhooks", { params: { query: { ...(cursor && { cursor }) } } })));
  const making = useSignal(false);
  const secret = useSignal("");
  const form = useForm<WebhookDraft>(() => ({ url: "", description: "", events: ["booking.*"] as Filter[] }), [making.value]);
  const create = mayEdit() && (
    <button type="button" onClick={() => (making.value = true)}>
      New webhook
    </button>
  );
  return (
    <>
      <Heading title="Webhooks" intro="Your own programs hear of every change, signed, at least once.">
        {create}
      </Heading>
      <Table<Schemas["Webhook"]>
        caption="Webhooks"
        rows={rows}
        idOf={({ id }) => id}
        empty={
          <Empty title="Nobody is told">
            <p>Give an address that takes POST requests, and choose what it hears of.</p>
            {create}
          </Empty>
        }
        columns={[
          {
            title: "Address",
            main: true,
            cell: ({ id, url, description }) => (
              <>
                <a href={`/provider/webhooks/${id}`}>{url}</a>
                {description && (
                  <>
                    <br />
                    <span class="quiet">{description}</span>
                  </>
                )}
              </>
            ),
          },
          { title: "Events", cell: ({ events }) => events.join(", ") },
          { title: "State", cell: ({ status }) => <State of={status} /> },
          { title: "Made", cell: ({ createdAt }) => <Ago at={createdAt} zone={zone()} /> },
        ]}
      />
      {making.value && (
        <Dialog title="New webhook" wide onClose={() => (making.value = false)}>
          <form
            onSubmit={sending(async () => {
              await form.send(async (body) => {
                secret.value = (await ok(client.POST("/v1/provider/webhooks", { body }))).secret;
              });
              if (!secret.value) return;
              making.value = false;
              await rows.load();
            })}
          >
            <WebhookFields form={form} />
            <Trouble form={form} shown={["url", "description", "events"]} />
            <Send form={form} label="Make it" />
          </form>
        </Dialog>
      )}
      {secret.value && (
        <Dialog title="Its signing secret" onClose={() => (secret.value = "")}>
          <Secret text={secret.value} words="Your program checks signatures with it. This is the only time that it is shown." />
        </Dialog>
      )}
    </>
  );
}
