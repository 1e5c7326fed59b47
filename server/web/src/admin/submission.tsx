// One submission: what was sent in, and the decision.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRoute } from "preact-iso";

import { Facts, Heading, State } from "../ui/bits";
import { when } from "../ui/dates";
import { confirmed, Dialog } from "../ui/dialog";
import { Send, sending, Text, Trouble, useForm } from "../ui/form";
import { Show, useLoad } from "../ui/load";
import { client, ok } from "../ui/problem";
import { attempt, say } from "../ui/toast";

export default function SubmissionPage(): VNode {
  const { tenant: tenantId = "", id: kybId = "" } = useRoute().params;
  const params = { params: { path: { tenantId, kybId } } };
  const found = useLoad(() => ok(client.GET("/v1/admin/kyb/{tenantId}/{kybId}", params)), [kybId]);
  const rejecting = useSignal(false);
  const form = useForm({ reason: "" });
  const verify = async (name: string): Promise<void> => {
    if (!(await confirmed(`Verify ${name}?`, "Its storefront carries the badge from now on.", "Verify it", false))) return;
    if (await attempt(() => ok(client.POST("/v1/admin/kyb/{tenantId}/{kybId}/decide", { ...params, body: { status: "VERIFIED" } })), "Verified.")) await found.again();
  };
  return (
    <Show of={found} rows={6}>
      {({ submission }) => (
        <>
          <Heading title={submission.legalName} intro={`Sent ${when(submission.createdAt, "UTC")} UTC`}>
            <State of={submission.status} />
            {submission.status === "PENDING" && (
              <>
                <button type="button" onClick={() => void verify(submission.legalName)}>
                  Verify
                </button>
                <button type="button" class="second" onClick={() => (rejecting.value = true)}>
                  Reject
                </button>
              </>
            )}
          </Heading>
          <section class="card">
            <Facts
              facts={[
                ["Registration number", submission.registrationNumber],
                ["Country", submission.country],
                ["States that it is insured", submission.insurance ? "Yes" : "No"],
                ["States a deposit policy", submission.depositPolicy ? "Yes" : "No"],
                ["Keeps to the terms", submission.terms ? "Yes" : "No"],
                ["Reason", submission.reason],
                ["Business", <code>{tenantId}</code>],
              ]}
            />
          </section>
          <section class="card">
            <h2>Documents</h2>
            <ul class="lines">
              {submission.documents.map((document) => (
                <li key={document.id}>
                  <div>
                    <strong>{document.fileName}</strong>
                    <span class="quiet">
                      {document.kind} · {Math.ceil(document.size / 1000)} kB
                    </span>
                  </div>
                  <a class="button second" href={`/v1/admin/kyb/${tenantId}/${kybId}/documents/${document.id}`} download>
                    Download
                  </a>
                </li>
              ))}
            </ul>
          </section>
          {rejecting.value && (
            <Dialog title={`Reject ${submission.legalName}?`} onClose={() => (rejecting.value = false)}>
              <form
                onSubmit={sending(async () => {
                  if (await form.send(({ reason }) => ok(client.POST("/v1/admin/kyb/{tenantId}/{kybId}/decide", { ...params, body: { status: "REJECTED", reason } })))) {
                    rejecting.value = false;
                    say("Rejected.");
                    await found.again();
                  }
                })}
              >
                <Text form={form} name="reason" label="Why" long required hint="The business reads it, and may send its documents again." />
                <Trouble form={form} shown={["reason"]} />
                <Send form={form} label="Reject it" />
              </form>
            </Dialog>
          )}
        </>
      )}
    </Show>
  );
}
