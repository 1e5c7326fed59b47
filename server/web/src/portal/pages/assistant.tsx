// The assistant, as customers are answered by it: to try it, and to see what it works with.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Facts, Heading } from "../../ui/bits";
import { Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";

type Answer = Schemas["AssistantAnswer"];

function Said({ answer }: { answer: Answer }): VNode {
  return (
    <div class={`note ${answer.known ? "" : "wait"}`}>
      {answer.answer.split("\n").map((line, i) => (
        <p key={i}>{line}</p>
      ))}
      {!answer.known && <p>Customers get the same answer. Say it in a description, and they get a better one.</p>}
      {answer.sources.length > 0 && (
        <ul aria-label="Sources">
          {answer.sources.map(({ offeringId, title, quote }, i) => (
            <li key={i}>
              <a href={`/provider/offerings/${offeringId}`}>{title}</a>
              {answer.by !== "extractive" && (
                <>
                  : <q>{quote}</q>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export default function AssistantPage(): VNode {
  const status = useLoad(() => ok(client.GET("/v1/provider/assistant")));
  const form = useForm({ question: "" });
  const answer = useSignal<Answer | null>(null);
  return (
    <>
      <Heading title="Assistant" intro="It answers customers' questions from what your offerings say, and says so when they say nothing. Here it knows your drafts as well." />
      <section class="card">
        <h2>Ask it</h2>
        <form
          onSubmit={sending(async () => {
            if (await form.send(async ({ question }) => void (answer.value = await ok(client.POST("/v1/provider/assistant", { body: { question } }))))) await status.again();
          })}
        >
          <Text form={form} name="question" label="Question" required placeholder="Which rooms have a projector?" />
          <Trouble form={form} shown={["question"]} />
          <Send form={form} label="Ask" />
        </form>
        <div role="status">{answer.value && <Said answer={answer.value} />}</div>
      </section>
      <section class="card">
        <h2>What it works with</h2>
        <Show of={status} rows={3}>
          {({ model, requests, promptTokens, completionTokens, dailyTokens }) =>
            model === null ? (
              <p>Your own words: answers are quotes. This server has no language model, and none is needed.</p>
            ) : (
              <Facts
                facts={[
                  ["Language model", model],
                  ["Asked today", String(requests)],
                  ["Tokens today", `${(promptTokens + completionTokens).toLocaleString()}${dailyTokens === null ? "" : ` of ${dailyTokens.toLocaleString()}`}`],
                ]}
              />
            )
          }
        </Show>
      </section>
    </>
  );
}
