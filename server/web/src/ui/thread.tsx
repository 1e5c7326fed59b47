// A dispute as a conversation, for providers and for the platform's admins.

import type { VNode } from "preact";

import { plain } from "./bits";
import { when } from "./dates";
import { Lines, Send, sending, Text, Trouble, useForm } from "./form";
import type { Schemas } from "./problem";

type Thread = Schemas["DisputeThread"];

function Evidence({ urls }: { urls: readonly string[] }): VNode | null {
  if (urls.length === 0) return null;
  return (
    <ul class="evidence">
      {urls.map((url) => (
        <li key={url}>
          <a href={url} target="_blank" rel="noopener noreferrer nofollow">
            {url}
          </a>
        </li>
      ))}
    </ul>
  );
}

export function Conversation({ thread, me, zone }: { thread: Thread; me: "PROVIDER" | "ADMIN"; zone: string }): VNode {
  const all = [{ id: thread.id, authorRole: thread.openedBy, text: thread.reason, evidenceUrls: thread.evidenceUrls, createdAt: thread.createdAt }, ...thread.messages];
  return (
    <ol class="thread">
      {all.map(({ id, authorRole, text, evidenceUrls, createdAt }) => (
        <li key={id} class={authorRole === me ? "mine" : ""}>
          <p class="quiet">
            {authorRole === me ? "You" : plain(authorRole)} · <time dateTime={createdAt}>{when(createdAt, zone)}</time>
          </p>
          <p class="words">{text}</p>
          <Evidence urls={evidenceUrls} />
        </li>
      ))}
    </ol>
  );
}

export function Answer({ send }: { send: (body: Schemas["DisputeMessageCreate"]) => Promise<unknown> }): VNode {
  const form = useForm({ text: "", evidenceUrls: [] as string[] });
  return (
    <form
      onSubmit={sending(async () => {
        if (await form.send(send)) form.reset({ text: "", evidenceUrls: [] });
      })}
    >
      <Text form={form} name="text" label="Answer" long required />
      <Lines form={form} name="evidenceUrls" label="Evidence" rows={2} placeholder="https://…" hint="Addresses of pictures or documents, one a line." />
      <Trouble form={form} shown={["text", "evidenceUrls"]} />
      <Send form={form} label="Send" />
    </form>
  );
}
