// One dispute: the conversation, and how it ends.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRoute } from "preact-iso";

import { Facts, Heading, plain, State } from "../../ui/bits";
import { when } from "../../ui/dates";
import { confirmed, Dialog } from "../../ui/dialog";
import { Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { Menu } from "../../ui/menu";
import { money, MoneyField } from "../../ui/money";
import { client, ok, type Schemas } from "../../ui/problem";
import { Answer, Conversation } from "../../ui/thread";
import { attempt, say } from "../../ui/toast";
import { mayEdit, zone } from "../session";

function Refund({ thread, onClose, onDone }: { thread: Schemas["DisputeThread"]; onClose: () => void; onDone: () => void }): VNode {
  const form = useForm({ note: "", refundCents: null as number | null });
  return (
    <Dialog title="Settle it with a refund" onClose={onClose}>
      <form
        onSubmit={sending(async () => {
          const done = await form.send((body) =>
            ok(client.POST("/v1/provider/disputes/{id}/resolve", { params: { path: { id: thread.id } }, body: { ...body, resolution: "REFUND" } as Schemas["DisputeDecision"] })),
          );
          if (done) {
            say("Settled.");
            onDone();
          }
        })}
      >
        <MoneyField form={form} name="refundCents" label="Goes back" currency={thread.currency} optional hint="Empty: all that was paid." />
        <Text form={form} name="note" label="A word to the customer" long required />
        <Trouble form={form} shown={["note", "refundCents"]} />
        <Send form={form} label="Give it back" />
      </form>
    </Dialog>
  );
}

export default function DisputePage(): VNode {
  const { id = "" } = useRoute().params;
  const params = { params: { path: { id } } };
  const found = useLoad(() => ok(client.GET("/v1/provider/disputes/{id}", params)), [id]);
  const refunding = useSignal(false);
  const act = async (what: "escalate" | "withdraw"): Promise<void> => {
    const [title, text, action] =
      what === "escalate"
        ? (["Hand it to the platform?", "An admin reads the conversation and decides.", "Hand it over"] as const)
        : (["Withdraw this dispute?", "It ends as if it had not been opened.", "Withdraw it"] as const);
    if (!(await confirmed(title, text, action))) return;
    const done = await attempt(() =>
      what === "escalate" ? ok(client.POST("/v1/provider/disputes/{id}/escalate", { ...params, body: {} })) : ok(client.POST("/v1/provider/disputes/{id}/withdraw", { ...params, body: {} })),
    );
    if (done) await found.again();
  };
  return (
    <Show of={found} rows={6}>
      {(thread) => {
        const live = thread.status === "OPEN" || thread.status === "ESCALATED";
        return (
          <>
            <Heading title={thread.offeringTitle} intro={plain(thread.category)}>
              <State of={thread.status} />
              {live && mayEdit() && (
                <button type="button" onClick={() => (refunding.value = true)}>
                  Give money back
                </button>
              )}
              {live && (
                <Menu
                  label="More actions"
                  actions={[
                    thread.status === "OPEN" && { label: "Hand it to the platform …", act: () => void act("escalate") },
                    thread.openedBy === "PROVIDER" && { label: "Withdraw …", danger: true, act: () => void act("withdraw") },
                  ]}
                />
              )}
            </Heading>
            <div class="columns wide-first">
              <section class="card">
                <Conversation thread={thread} me="PROVIDER" zone={zone()} />
                {live && (
                  <Answer
                    send={async (body) => {
                      await ok(client.POST("/v1/provider/disputes/{id}/messages", { ...params, body }));
                      await found.again();
                    }}
                  />
                )}
              </section>
              <section class="card">
                <h2>About</h2>
                <Facts
                  facts={[
                    ["Booking", <a href={`/provider/bookings/${thread.bookingId}`}>Open it</a>],
                    ["Opened", when(thread.createdAt, zone())],
                    ["Handed over", thread.escalatedAt && when(thread.escalatedAt, zone())],
                    ["Ended", thread.closedAt && when(thread.closedAt, zone())],
                    ["How", thread.resolution && plain(thread.resolution)],
                    ["Went back", thread.refundCents !== null && money(thread.refundCents, thread.currency)],
                    ["Note", thread.note],
                  ]}
                />
              </section>
            </div>
            {refunding.value && (
              <Refund
                thread={thread}
                onClose={() => (refunding.value = false)}
                onDone={() => {
                  refunding.value = false;
                  void found.again();
                }}
              />
            )}
          </>
        );
      }}
    </Show>
  );
}
