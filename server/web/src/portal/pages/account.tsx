// One's own: name, password, second factor, sessions.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Copy, Heading, State } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { Dialog } from "../../ui/dialog";
import { Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { client, ok } from "../../ui/problem";
import { Qr } from "../../ui/qr";
import { attempt, say } from "../../ui/toast";
import { findSession, session, zone } from "../session";

function Profile(): VNode {
  const form = useForm({ name: session.value!.member.name });
  return (
    <form
      onSubmit={sending(async () => {
        if (await form.send((body) => ok(client.PATCH("/v1/auth/member", { body })))) {
          say("Saved.");
          await findSession();
        }
      })}
    >
      <Text form={form} name="name" label="Name" required autocomplete="name" />
      <Trouble form={form} shown={["name"]} />
      <Send form={form} label="Save" />
    </form>
  );
}

function Password(): VNode {
  const form = useForm({ current: "", password: "" });
  return (
    <form
      onSubmit={sending(async () => {
        if (await form.send((body) => ok(client.POST("/v1/auth/member/password", { body })))) {
          say("Changed. You are signed out everywhere else.");
          form.reset({ current: "", password: "" });
        }
      })}
    >
      <Text form={form} name="current" label="Current password" type="password" required autocomplete="current-password" />
      <Text form={form} name="password" label="New password" type="password" required autocomplete="new-password" hint="At least 10 characters; a few words are best." />
      <Trouble form={form} shown={["current", "password"]} />
      <Send form={form} label="Change it" />
    </form>
  );
}

function SecondFactor(): VNode {
  const on = session.value!.member.totpEnabled;
  const begun = useSignal<{ secret: string; uri: string } | null>(null);
  const codes = useSignal<string[] | null>(null);
  const stopping = useSignal(false);
  const code = useForm({ code: "" }, [begun.value]);
  const proof = useForm({ password: "" }, [stopping.value]);
  return (
    <>
      <p>
        {on ? "After your password, a code of your authenticator app is asked for. " : "Besides your password, a code that an app on your phone shows. "}
        <State of={on ? "ACTIVE" : ""} words={on ? "On" : "Off"} />
      </p>
      <footer>
        {on ? (
          <button type="button" class="second" onClick={() => (stopping.value = true)}>
            Switch it off
          </button>
        ) : (
          <button
            type="button"
            onClick={() =>
              void attempt(async () => {
                begun.value = await ok(client.POST("/v1/auth/totp", { body: {} }));
              })
            }
          >
            Switch it on
          </button>
        )}
      </footer>
      {begun.value && !codes.value && (
        <Dialog title="Second factor" onClose={() => (begun.value = null)}>
          <p>Let your authenticator app read this, or type the key below it.</p>
          <Qr text={begun.value.uri} label="The key as a QR code" />
          <div class="secret">
            <code>{begun.value.secret.replace(/(.{4})/g, "$1 ").trim()}</code>
            <Copy text={begun.value.secret} />
          </div>
          <p>
            <a href={begun.value.uri}>Open it in an app on this device</a>
          </p>
          <form
            onSubmit={sending(() =>
              code.send(async (body) => {
                codes.value = (await ok(client.POST("/v1/auth/totp/confirm", { body }))).recoveryCodes;
              }),
            )}
          >
            <Text form={code} name="code" label="The code that it shows" required autocomplete="one-time-code" />
            <Trouble form={code} shown={["code"]} />
            <Send form={code} label="Switch it on" />
          </form>
        </Dialog>
      )}
      {codes.value && (
        <Dialog
          title="Recovery codes"
          onClose={() => {
            codes.value = null;
            begun.value = null;
            void findSession();
          }}
        >
          <p>Each lets you in once without the app. Keep them on paper; they are shown only now.</p>
          <div class="secret">
            <ul class="codes">
              {codes.value.map((one) => (
                <li key={one}>
                  <code>{one}</code>
                </li>
              ))}
            </ul>
            <Copy text={codes.value.join("\n")} />
          </div>
        </Dialog>
      )}
      {stopping.value && (
        <Dialog title="Switch the second factor off" onClose={() => (stopping.value = false)}>
          <form
            onSubmit={sending(async () => {
              if (await proof.send((body) => ok(client.POST("/v1/auth/totp/disable", { body })))) {
                stopping.value = false;
                say("It is off.");
                await findSession();
              }
            })}
          >
            <Text form={proof} name="password" label="Password" type="password" required autocomplete="current-password" />
            <Trouble form={proof} shown={["password"]} />
            <Send form={proof} label="Switch it off" />
          </form>
        </Dialog>
      )}
    </>
  );
}

function Sessions(): VNode {
  const found = useLoad(async () => (await ok(client.GET("/v1/auth/sessions"))).data);
  return (
    <Show of={found}>
      {(all) => (
        <ul class="lines">
          {all.map(({ id, current, userAgent, address, lastSeenAt }) => (
            <li key={id}>
              <div>
                <strong>
                  {browserOf(userAgent)} {current && <State of="ACTIVE" words="This one" />}
                </strong>
                <span class="quiet">
                  {address} · seen <Ago at={lastSeenAt} zone={zone()} />
                </span>
              </div>
              {!current && (
                <button type="button" class="second" onClick={() => void attempt(() => ok(client.DELETE("/v1/auth/sessions/{id}", { params: { path: { id } } })), "It is over.").then(found.again)}>
                  End it
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Show>
  );
}

/** `Chrome on Linux`, as well as a name says it. */
function browserOf(agent: string): string {
  const browser = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrome\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : agent.split("/")[0] || "A browser";
  const system = /Android/.test(agent) ? "Android" : /iPhone|iPad/.test(agent) ? "iOS" : /Mac OS X/.test(agent) ? "macOS" : /Windows/.test(agent) ? "Windows" : /Linux/.test(agent) ? "Linux" : "";
  return system ? `${browser} on ${system}` : browser;
}

export default function Account(): VNode {
  const { member } = session.value!;
  return (
    <>
      <Heading title="Your account" intro={member.email} />
      <section class="card">
        <h2>You</h2>
        <Profile />
      </section>
      <section class="card">
        <h2>Password</h2>
        <Password />
      </section>
      <section class="card">
        <h2>Second factor</h2>
        <SecondFactor />
      </section>
      <section class="card">
        <h2>Where you are signed in</h2>
        <Sessions />
      </section>
    </>
  );
}
