// The proof that a business is one: documents, attestations, and what came of them.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";

import { Facts, Heading, State } from "../../ui/bits";
import { when } from "../../ui/dates";
import { Check, Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";
import { attempt, say } from "../../ui/toast";
import { findSession, mayEdit, zone } from "../session";

type Kind = Schemas["KybDocumentKind"];
const kinds: readonly (readonly [Kind, string])[] = [
  ["REGISTRATION", "Registration of the business"],
  ["IDENTITY", "Identity of who stands for it"],
  ["ADDRESS", "Proof of its address"],
  ["INSURANCE", "Insurance"],
  ["OTHER", "Something else"],
];
const size = (bytes: number): string => (bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

function Documents({ all, remove }: { all: Schemas["KybDocument"][]; remove?: (id: string) => void }): VNode {
  return (
    <ul class="lines">
      {all.map(({ id, fileName, kind, size: bytes }) => (
        <li key={id}>
          <div>
            <strong>{fileName}</strong>
            <span class="quiet">
              {kinds.find(([one]) => one === kind)?.[1]} · {size(bytes)}
            </span>
          </div>
          {remove && (
            <button type="button" class="plain" aria-label={`Take ${fileName} away`} onClick={() => remove(id)}>
              ×
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Upload({ again }: { again: () => Promise<void> }): VNode {
  const kind = useSignal<Kind>("REGISTRATION");
  const sent = useSignal(false);
  const id = useId();
  const upload = async (file: File): Promise<void> => {
    sent.value = true;
    const done = await attempt(
      () =>
        ok(
          client.POST("/v1/provider/kyb/documents", {
            params: { query: { kind: kind.value, fileName: file.name } },
            headers: { "Content-Type": file.type },
            body: file as never,
            bodySerializer: (body: unknown) => body as Blob,
          }),
        ),
      "Kept, and sealed.",
    );
    sent.value = false;
    if (done) await again();
  };
  return (
    <div class="row">
      <div class="field">
        <label for={`${id}-kind`}>What it is</label>
        <select id={`${id}-kind`} value={kind.value} onChange={(e) => (kind.value = e.currentTarget.value as Kind)}>
          {kinds.map(([one, words]) => (
            <option key={one} value={one}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for={`${id}-file`}>File</label>
        <input
          id={`${id}-file`}
          type="file"
          accept="application/pdf,image/png,image/jpeg"
          disabled={sent.value}
          aria-describedby={`${id}-hint`}
          onChange={async (e) => {
            const input = e.currentTarget;
            if (input.files?.[0]) await upload(input.files[0]);
            input.value = "";
          }}
        />
        <p class="hint" id={`${id}-hint`}>
          {sent.value ? "Sending …" : "PDF, PNG or JPEG. Only the platform's admins can open it."}
        </p>
      </div>
    </div>
  );
}

function Submit({ kyb, again }: { kyb: Schemas["Kyb"]; again: () => Promise<void> }): VNode {
  const last = kyb.submission;
  const form = useForm({
    legalName: last?.legalName ?? "",
    registrationNumber: last?.registrationNumber ?? "",
    country: last?.country ?? "",
    insurance: false,
    depositPolicy: false,
    terms: false,
  });
  return (
    <section class="card">
      <h2>Documents</h2>
      {kyb.drafts.length > 0 && (
        <Documents
          all={kyb.drafts}
          remove={(id) => void attempt(() => ok(client.DELETE("/v1/provider/kyb/documents/{id}", { params: { path: { id } } })), "Taken away.").then(again)}
        />
      )}
      <Upload again={again} />
      <form
        onSubmit={sending(async () => {
          if (!(await form.send((body) => ok(client.POST("/v1/provider/kyb", { body }))))) return;
          say("Sent. You hear from the platform.");
          await Promise.all([again(), findSession()]);
        })}
      >
        <h2>Your business</h2>
        <Text form={form} name="legalName" label="Legal name" required />
        <div class="row">
          <Text form={form} name="registrationNumber" label="Registration number" required />
          <Text form={form} name="country" label="Country" required hint="Two letters: US, DE, IN …" />
        </div>
        <fieldset>
          <legend>We state that</legend>
          <Check form={form} name="insurance" label="we are insured for what we offer" />
          <Check form={form} name="depositPolicy" label="our deposits are handled as we publish it" />
          <Check form={form} name="terms" label="we keep to the platform's terms" />
        </fieldset>
        <Trouble form={form} shown={["legalName", "registrationNumber", "country"]} />
        <Send form={form} label="Send it in" />
      </form>
    </section>
  );
}

export default function Kyb(): VNode {
  const found = useLoad(() => ok(client.GET("/v1/provider/kyb")));
  return (
    <>
      <Heading title="Verification" intro="Once your documents are checked, your storefront carries the verified badge." />
      <Show of={found} rows={6}>
        {(kyb) => (
          <>
            {kyb.submission && (
              <section class="card">
                <h2>
                  {kyb.submission.legalName} <State of={kyb.submission.status} />
                </h2>
                {kyb.submission.reason && <p class="note bad">{kyb.submission.reason}</p>}
                <Facts
                  facts={[
                    ["Number", kyb.submission.registrationNumber],
                    ["Country", kyb.submission.country],
                    ["Sent", when(kyb.submission.createdAt, zone())],
                    ["Decided", kyb.submission.decidedAt && when(kyb.submission.decidedAt, zone())],
                  ]}
                />
                <Documents all={kyb.submission.documents} />
              </section>
            )}
            {kyb.status === "VERIFIED" && <p class="note">Your business is verified.</p>}
            {kyb.status === "PENDING" && <p class="note wait">The platform looks at it. You are told.</p>}
            {mayEdit() && (kyb.status === "NONE" || kyb.status === "REJECTED") && <Submit kyb={kyb} again={found.again} />}
            {!mayEdit() && kyb.status === "NONE" && <p class="quiet">Nothing was sent in yet.</p>}
          </>
        )}
      </Show>
    </>
  );
}
