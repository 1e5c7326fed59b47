// One offering, review or storefront in one language: each text beside its source, and who has made it.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { useRoute } from "preact-iso";

import { Heading, State } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { Send, sending, Trouble, useForm, Field } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { client, ok, unchanged, type Schemas } from "../../ui/problem";
import { attempt, say } from "../../ui/toast";
import { fieldWords, kindWords, machineWords, nameOf, stateColours, stateWords } from "../languages";
import { mayEdit, session, zone } from "../session";

type Translation = Schemas["Translation"];
type Part = Schemas["TranslationField"];

const sourceLink: Record<Translation["kind"], (id: string) => string> = {
  OFFERING: (id) => `/provider/offerings/${id}`,
  REVIEW: () => "/provider/reviews",
  STOREFRONT: () => "/provider/branding",
  COUPON: () => "/provider/coupons",
};

function Origin({ of: { origin, stale, translator } }: { of: Part }): VNode {
  if (origin === null) return <State of="" words="Not translated yet" />;
  if (origin === "MACHINE") return <State of={stale ? "PENDING" : ""} words={stale ? "Being translated again" : `By a machine${translator ? ` (${machineWords(translator)})` : ""}`} />;
  return <State of={stale ? "PENDING" : "ACTIVE"} words={stale ? "By you, before the text was changed" : "By you"} />;
}

function Editor({ found, again }: { found: Translation; again: () => Promise<void> }): VNode {
  const { subjectId, locale, kind, fields, state, lastError, nextAttemptAt } = found;
  const start = Object.fromEntries(fields.map(({ field, text }) => [field, text ?? ""])) as Record<string, string>;
  const form = useForm<Record<string, string>>(() => start, [JSON.stringify(start)]);
  const busy = useSignal(false);
  const path = { subjectId, locale };
  const back = async (field: string): Promise<void> => {
    busy.value = true;
    if (await attempt(() => ok(client.PUT("/v1/provider/translations/{subjectId}/{locale}", { params: { path }, headers: unchanged(found), body: { texts: { [field]: null } } })), "A machine translates it again.")) await again();
    busy.value = false;
  };
  // A machine may be at it just now. What is being typed is not taken away.
  useEffect(() => {
    if (state !== "PENDING") return;
    const timer = setInterval(() => document.visibilityState === "visible" && !form.changed && void again(), 2_000);
    return () => clearInterval(timer);
  }, [state]);
  return (
    <form
      onSubmit={sending(async () => {
        const texts = form.changes as Record<string, string>;
        if (Object.keys(texts).length === 0) return say("There is nothing to save.");
        const empty = Object.keys(texts).find((field) => texts[field]?.trim() === "");
        if (empty !== undefined) return say("A text can't be empty. Give it back to the machine instead.", true);
        if (!(await form.send(() => ok(client.PUT("/v1/provider/translations/{subjectId}/{locale}", { params: { path }, headers: unchanged(found), body: { texts } }))))) return;
        say("Saved. No machine writes over it.");
        await again();
      })}
    >
      <p class="quiet">
        <State of={stateColours[state]} words={stateWords[state]} />{" "}
        {state === "NO_TRANSLATOR" && "No machine translates into this language here. What you write is shown; the rest stays in your own language. "}
        {state === "STALE" && "Your words are shown, though the text they were written for has changed. "}
        {lastError !== null && state !== "TRANSLATED" && state !== "STALE" && state !== "NO_TRANSLATOR" && (
          <>
            The last attempt failed: {lastError}.{nextAttemptAt && <> The next is <Ago at={nextAttemptAt} zone={zone()} />.</>}{" "}
          </>
        )}
        {mayEdit() && state === "FAILED" && (
          <button
            type="button"
            class="second"
            onClick={() =>
              void attempt(async () => {
                await ok(client.POST("/v1/provider/translations/{subjectId}/{locale}/retry", { params: { path } }));
                await again();
              }, "It is being translated.")
            }
          >
            Try now
          </button>
        )}
      </p>
      {fields.map((part) => {
        const { field, source, origin } = part;
        const long = source.length > 80 || source.includes("\n");
        return (
          <section class="card" key={field}>
            <h2>
              {fieldWords(field)} <Origin of={part} />
            </h2>
            <div class="columns">
              <div>
                <h3>{nameOf(session.value!.tenant.locale)}</h3>
                <p class="source" lang={session.value!.tenant.locale}>
                  {source}
                </p>
              </div>
              <div>
                <Field label={nameOf(locale)} fault={form.faults.value[`/texts/${field}`]}>
                  {(bound) => {
                    const common = { ...bound, lang: locale, dir: "auto" as const, disabled: !mayEdit(), value: form.get(field) ?? "" };
                    return long ? (
                      <textarea {...common} rows={Math.min(12, 2 + Math.ceil(source.length / 60))} onInput={(e) => form.set(field, e.currentTarget.value)} />
                    ) : (
                      <input {...common} type="text" autocomplete="off" onInput={(e) => form.set(field, e.currentTarget.value)} />
                    );
                  }}
                </Field>
                {mayEdit() && origin === "MANUAL" && (
                  <button type="button" class="plain" disabled={busy.value} onClick={() => void back(field)}>
                    Give it back to the machine
                  </button>
                )}
              </div>
            </div>
          </section>
        );
      })}
      <Trouble form={form} shown={["texts"]} />
      {mayEdit() && (
        <div class="sticky">
          <Send form={form} label="Save" />
        </div>
      )}
      <p class="hint">
        <a href={sourceLink[kind](subjectId)}>Change the text itself</a>
      </p>
    </form>
  );
}

export default function Page(): VNode {
  const { id = "", locale = "" } = useRoute().params as Record<string, string>;
  const found = useLoad(() => ok(client.GET("/v1/provider/translations/{subjectId}/{locale}", { params: { path: { subjectId: id, locale } } })), [id, locale]);
  const title = found.data?.fields.find(({ field }) => field === "title")?.source ?? (found.data ? kindWords[found.data.kind] : "Translation");
  return (
    <>
      <Heading
        title={title}
        intro={
          <>
            In {nameOf(locale)}. <a href={`/provider/languages?locale=${locale}`}>All in {nameOf(locale)}</a>
          </>
        }
      />
      <Show of={found} rows={6}>
        {(translation) => <Editor found={translation} again={found.again} />}
      </Show>
    </>
  );
}
