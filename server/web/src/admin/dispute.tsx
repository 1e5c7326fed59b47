// One dispute, and how the platform ends it.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRoute } from "preact-iso";

import { Facts, Heading, plain, State } from "../ui/bits";
import { when } from "../ui/dates";
import { Dialog } from "../ui/dialog";
import { Choice, Send, sending, Text, Trouble, useForm } from "../ui/form";
import { Show, useLoad } from "../ui/load";
import { money, MoneyField } from "../ui/money";
import { client, ok, type Schemas } from "../ui/problem";
import { Answer, Conversation } from "../ui/thread";
import { say } from "../ui/toast";

export default function DisputePage(): VNode {
  const { tenant: tenantId = "", id: disputeId = "" } = useRoute().params;
  const params = { params: { path: { tenantId, disputeId } } };
  const found = useLoad(async () => (await ok(client.GET("/v1/admin/disputes/{tenantId}/{disputeId}", params))).dispute, [disputeId]);
  const deciding = useSignal(false);
  const form = useForm({ resolution: "REFUND" as "REFUND" | "KEEP_PAYMENT", note: "", refundCents: null as number | null }, [deciding.value]);
  return (
    <Show of={found} rows={6}>
      {(thread) => {
        const live = thread.status === "OPEN" || thread.status === "ESCALATED";
        return (
          <>
            <Heading title={thread.offeringTitle} intro={plain(thread.category)}>
              <State of={thread.status} />
              {live && (
                <button type="button" onClick={() => (deciding.value = true)}>
                  Decide
                </button>
              )}
            </Heading>
            <div class="columns wide-first">
              <section class="card">
                <Conversation thread={thread} me="ADMIN" zone="UTC" />
                {live && (
                  <Answer
                    send={async (body) => {
                      await ok(client.POST("/v1/admin/disputes/{tenantId}/{disputeId}/messages", { ...params, body }));
                      await found.again();
                    }}
                  />
                )}
              </section>
              <section class="card">
                <h2>About</h2>
                <Facts
                  facts={[
                    ["Business", <code>{tenantId}</code>],
                    ["Booking", <code>{thread.bookingId}</code>],
                    ["Opened", `${when(thread.createdAt, "UTC")} UTC`],
                    ["Handed over", thread.escalatedAt && `${when(thread.escalatedAt, "UTC")} UTC`],
                    ["How it ended", thread.resolution && plain(thread.resolution)],
                    ["Went back", thread.refundCents !== null && money(thread.refundCents, thread.currency)],
                    ["Note", thread.note],
                  ]}
                />
              </section>
            </div>
            {deciding.value && (
              <Dialog title="How it ends" onClose={() => (deciding.value = false)}>
                <form
                  onSubmit={sending(async () => {
                    const done = await form.send(({ refundCents, ...rest }) =>
                      ok(
                        client.POST("/v1/admin/disputes/{tenantId}/{disputeId}/resolve", {
                          ...params,
                          body: { ...rest, ...(rest.resolution === "REFUND" && { refundCents }) } as Schemas["DisputeDecision"],
                        }),
                      ),
                    );
                    if (!done) return;
                    deciding.value = false;
                    say("Decided. Both sides are told.");
                    await found.again();
                  })}
                >
                  <Choice form={form} name="resolution" label="Decision" options={[["REFUND", "Money goes back to the customer"], ["KEEP_PAYMENT", "The business keeps the payment"]]} />
                  {form.get("resolution") === "REFUND" && <MoneyField form={form} name="refundCents" label="Goes back" currency={thread.currency} optional hint="Empty: all that was paid." />}
                  <Text form={form} name="note" label="Why" long required hint="Both sides read it." />
                  <Trouble form={form} shown={["resolution", "refundCents", "note"]} />
                  <Send form={form} label="Decide" />
                </form>
              </Dialog>
            )}
          </>
        );
      }}
    </Show>
  );
}
