// The storefront at a name of the business's own: what to enter at whoever keeps the name, and whether it is there.

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import { Copy, Facts, Heading, State } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { confirmed } from "../../ui/dialog";
import { Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { client, ok, unchanged, type Schemas } from "../../ui/problem";
import { attempt, say } from "../../ui/toast";
import { domainTyped, failureWords } from "../domains";
import { findSession, mayEdit, session, zone } from "../session";

const words: Record<Schemas["Domain"]["status"], string> = { NONE: "None", PENDING: "Not found yet", VERIFIED: "Verified", FAILED: "Lost" };

function Connect({ again }: { again: () => Promise<void> }): VNode {
  const form = useForm({ domain: "" });
  return (
    <section class="card">
      <h2>Your own name</h2>
      <form
        onSubmit={sending(async () => {
          if (await form.send(({ domain }) => ok(client.PUT("/v1/provider/domain", { body: { domain: domainTyped(domain) } })))) {
            say("Kept. Now enter the record.");
            await again();
          }
        })}
      >
        <Text form={form} name="domain" label="Name" required placeholder="book.example.com" hint="A part of a name that you own, such as book.example.com." />
        <Trouble form={form} shown={["domain"]} />
        <Send form={form} label="Use this name" />
      </form>
    </section>
  );
}

/** The record as its keeper asks for it. */
function Record({ domain, target }: { domain: string; target: string }): VNode {
  return (
    <table class="record">
      <caption class="sr">The record to enter</caption>
      <thead>
        <tr>
          <th scope="col">Type</th>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td data-title="Type">
            <code>CNAME</code>
          </td>
          <td data-title="Name">
            <code>{domain}</code> <Copy text={domain} label="Copy the name" />
          </td>
          <td data-title="Value">
            <code>{target}</code> <Copy text={target} label="Copy the value" />
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function Connected({ found, again }: { found: Schemas["Domain"] & { domain: string }; again: () => Promise<void> }): VNode {
  const { domain, status, target, failure, checkedAt, verifiedAt } = found;
  const wrong = failureWords(found);
  // What is looked for may be there at any moment; the session has the name that links lead to.
  useEffect(() => {
    if (status === "VERIFIED") return void (session.value?.tenant.customDomain !== domain && findSession());
    const timer = setInterval(() => document.visibilityState === "visible" && void again(), 15_000);
    return () => clearInterval(timer);
  }, [status]);
  const remove = async (): Promise<void> => {
    if (!(await confirmed(`Stop using ${domain}?`, "Links to it lead nowhere from then on. Your storefront stays at its own address.", "Stop using it"))) return;
    if (!(await attempt(() => ok(client.DELETE("/v1/provider/domain", { headers: unchanged(found) })), "It is not used any more."))) return;
    await Promise.all([again(), findSession()]);
  };
  return (
    <>
      <section class="card">
        <h2>
          {domain} <State of={status} words={words[status]} />
        </h2>
        {status === "VERIFIED" && (
          <p>
            Customers find you at <a href={`https://${domain}`}>{domain}</a>. Leave the record as it is: once it is gone, the name stops working.
          </p>
        )}
        {status === "FAILED" && (
          <p class="note bad">
            {wrong || "The record is not there any more."} It is as below that it must be; we look every ten minutes.
          </p>
        )}
        {status === "PENDING" && (
          <p class="note wait" role="status">
            {failure !== null && checkedAt !== null ? `${wrong} ` : ""}Enter the record below where your name is kept. It may take an hour until it is seen everywhere; we look every ten minutes.
          </p>
        )}
        <Record domain={domain} target={target} />
        <Facts
          facts={[
            ["Looked for", checkedAt ? <Ago at={checkedAt} zone={zone()} /> : "not yet"],
            ["Verified", verifiedAt && <Ago at={verifiedAt} zone={zone()} />],
          ]}
        />
        {mayEdit() && (
          <footer>
            <button type="button" class="second" onClick={() => void remove()}>
              Stop using it
            </button>
            <button
              type="button"
              onClick={() =>
                void attempt(async () => {
                  const now = await ok(client.POST("/v1/provider/domain/check"));
                  say(now.status === "VERIFIED" ? "It is there." : failureWords(now) || "It is not there yet.", now.status !== "VERIFIED");
                  await again();
                })
              }
            >
              Look now
            </button>
          </footer>
        )}
      </section>
    </>
  );
}

export default function Domain(): VNode {
  const found = useLoad(() => ok(client.GET("/v1/provider/domain")));
  const { storefrontUrl } = session.value!;
  return (
    <>
      <Heading title="Domain" intro={`Your storefront is at ${storefrontUrl.replace(/^https?:\/\//, "")}. It can be at a name of your own besides.`} />
      <Show of={found} rows={4}>
        {(now) =>
          now.domain !== null ? (
            <Connected key={now.domain} found={{ ...now, domain: now.domain }} again={found.again} />
          ) : mayEdit() ? (
            <Connect again={found.again} />
          ) : (
            <p class="quiet">No name of your own is in use. An admin of the business may choose one.</p>
          )
        }
      </Show>
    </>
  );
}
