// Before somebody is in: sign up, sign in, and what links in mails lead to.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";

import { Choice, Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { currencies } from "../../ui/money";
import { client, ok, Problem, wordsOf } from "../../ui/problem";
import { findSession, session } from "../session";

function Card({ title, children }: { title: string; children: ComponentChildren }): VNode {
  return (
    <main id="main" class="door">
      <p class="logo">Orkestr</p>
      <section>
        <h1>{title}</h1>
        {children}
      </section>
    </main>
  );
}

/** The business whose host this is; nothing on the platform's own. */
const labels = location.hostname.split(".");
const ownBusiness = document.body.dataset["tenant"] ?? "";
const remembered = (): string => ownBusiness || localStorage.getItem("orkestr.business") || "";
const baseDomain = document.body.dataset["base"] ?? labels.slice(-1).join(".");

/** Only to pages of the portal: whoever sends a link must not choose where it leads. */
const nextOf = (query: Record<string, string>): string => (/^\/provider(\/[a-z0-9_/?=&-]*)?$/i.test(query["next"] ?? "") ? query["next"]! : "/provider");

function SignIn(): VNode {
  const { query, route } = useLocation();
  const form = useForm({ subdomain: remembered(), email: "", password: "", code: "" });
  const second = useSignal(false);
  useEffect(() => {
    if (session.value) route(nextOf(query), true);
  }, [session.value]);
  const submit = async (): Promise<void> => {
    const taken = await form.send(async ({ code, ...rest }) => {
      try {
        session.value = await ok(client.POST("/v1/auth/sessions", { body: { ...rest, ...(second.value && { code }) } }));
        localStorage.setItem("orkestr.business", rest.subdomain);
      } catch (error) {
        if (error instanceof Problem && error.code === "code_required" && !second.value) {
          second.value = true;
          return;
        }
        throw error;
      }
    });
    if (taken && session.value) route(nextOf(query), true);
  };
  return (
    <Card title="Sign in">
      <form onSubmit={sending(submit)}>
        {second.value ? (
          <Text form={form} name="code" label="Code" autocomplete="one-time-code" required hint="What your authenticator app shows now, or one of your recovery codes." />
        ) : (
          <>
            {!ownBusiness && <Text form={form} name="subdomain" label="Business" required autocomplete="organization" hint={`The first part of its address: acme for acme.${baseDomain}`} />}
            <Text form={form} name="email" label="E-mail" type="email" required autocomplete="username" />
            <Text form={form} name="password" label="Password" type="password" required autocomplete="current-password" />
          </>
        )}
        <Trouble form={form} />
        <Send form={form} label="Sign in" />
      </form>
      <p class="links">
        <a href="/provider/forgot">Forgot your password?</a> <a href="/provider/sign-up">Open a business</a>
      </p>
    </Card>
  );
}


function SignUp(): VNode {
  const { route } = useLocation();
  const form = useForm({
    businessName: "",
    subdomain: "",
    name: "",
    email: "",
    password: "",
    displayCurrency: "USD" as "USD",
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    locale: "en",
  });
  const touched = useSignal(false);
  const suggested = form.get("businessName").toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
  useEffect(() => {
    if (!touched.value && suggested !== form.get("subdomain")) form.set("subdomain", suggested);
  }, [suggested]);
  return (
    <Card title="Open a business">
      <form
        onSubmit={sending(() =>
          form.send(async (values) => {
            session.value = await ok(client.POST("/v1/auth/sign-ups", { body: values }));
            localStorage.setItem("orkestr.business", values.subdomain);
            route("/provider", true);
          }),
        )}
      >
        <Text form={form} name="businessName" label="Name of the business" required autocomplete="organization" />
        <div onInput={() => (touched.value = true)}>
          <Text form={form} name="subdomain" label="Address" required hint={`${form.get("subdomain") || "acme"}.${baseDomain} will be your storefront and your portal.`} />
        </div>
        <Text form={form} name="name" label="Your name" required autocomplete="name" />
        <Text form={form} name="email" label="E-mail" type="email" required autocomplete="username" />
        <Text form={form} name="password" label="Password" type="password" required autocomplete="new-password" hint="At least 10 characters; a few words are best." />
        <Choice form={form} name="displayCurrency" label="Currency" options={currencies.map((code) => [code, code] as const)} />
        <Trouble form={form} shown={["businessName", "subdomain", "name", "email", "password", "displayCurrency"]} />
        <Send form={form} label="Open it" />
      </form>
      <p class="links">
        <a href="/provider/sign-in">Sign in instead</a>
      </p>
    </Card>
  );
}

function Forgot(): VNode {
  const form = useForm({ subdomain: remembered(), email: "" });
  const sent = useSignal(false);
  return (
    <Card title="A new password">
      {sent.value ? (
        <p role="status">If a member has that address, a link is on its way. It works once, within an hour.</p>
      ) : (
        <form
          onSubmit={sending(async () => {
            sent.value = await form.send((body) => ok(client.POST("/v1/auth/password-resets", { body })));
          })}
        >
          {!ownBusiness && <Text form={form} name="subdomain" label="Business" required />}
          <Text form={form} name="email" label="E-mail" type="email" required autocomplete="username" />
          <Trouble form={form} />
          <Send form={form} label="Mail me a link" />
        </form>
      )}
      <p class="links">
        <a href="/provider/sign-in">Sign in</a>
      </p>
    </Card>
  );
}

function Reset({ token }: { token: string }): VNode {
  const form = useForm({ password: "" });
  const done = useSignal(false);
  return (
    <Card title="Choose a password">
      {done.value ? (
        <p role="status">
          It is set, and every session has ended. <a href="/provider/sign-in">Sign in with it</a>
        </p>
      ) : (
        <form
          onSubmit={sending(async () => {
            done.value = await form.send(({ password }) => ok(client.POST("/v1/auth/passwords", { body: { token, password } })));
            if (done.value) session.value = null;
          })}
        >
          <Text form={form} name="password" label="New password" type="password" required autocomplete="new-password" hint="At least 10 characters; a few words are best." />
          <Trouble form={form} />
          <Send form={form} label="Set it" />
        </form>
      )}
    </Card>
  );
}

function Verify({ token }: { token: string }): VNode {
  const state = useSignal<string | null>(null);
  const failed = useSignal("");
  // By a click: programs that look into mails follow links, and would use this one up.
  const confirm = async (): Promise<void> => {
    try {
      const { tenantStatus } = await ok(client.POST("/v1/auth/email-verifications", { body: { token } }));
      state.value = tenantStatus;
      void findSession();
    } catch (error) {
      failed.value = wordsOf(error);
    }
  };
  return (
    <Card title="Confirm your address">
      {state.value ? (
        <p role="status">
          Thank you. {state.value === "ACTIVE" ? "Your storefront is open." : "Your storefront opens once the platform has approved your business."}{" "}
          <a href="/provider">Go to your portal</a>
        </p>
      ) : (
        <>
          {failed.value && (
            <p class="note bad" role="alert">
              {failed.value}
            </p>
          )}
          <footer>
            <button type="button" onClick={() => void confirm()}>
              It is mine
            </button>
          </footer>
        </>
      )}
    </Card>
  );
}

function Join({ token }: { token: string }): VNode {
  const { route } = useLocation();
  const invitation = useLoad(() => ok(client.POST("/v1/auth/invitations/look", { body: { token } })), [token]);
  const form = useForm({ name: "", password: "" });
  return (
    <Card title="You are invited">
      <Show of={invitation}>
        {({ businessName, email, role, subdomain }) => (
          <form
            onSubmit={sending(() =>
              form.send(async (values) => {
                session.value = await ok(client.POST("/v1/auth/invitations/accept", { body: { token, ...values } }));
                localStorage.setItem("orkestr.business", subdomain);
                route("/provider", true);
              }),
            )}
          >
            <p>
              Join <strong>{businessName}</strong> as {email}, with the role {role}.
            </p>
            <Text form={form} name="name" label="Your name" required autocomplete="name" />
            <Text form={form} name="password" label="Choose a password" type="password" required autocomplete="new-password" hint="At least 10 characters; a few words are best." />
            <Trouble form={form} />
            <Send form={form} label="Join" />
          </form>
        )}
      </Show>
    </Card>
  );
}

export default function Door(): VNode {
  const { path, query } = useLocation();
  const token = query["token"] ?? "";
  // A token in the address would stay in the history.
  const kept = useSignal(token);
  useEffect(() => {
    if (token) history.replaceState(null, "", path);
  }, []);
  switch (path) {
    case "/provider/sign-up":
      return <SignUp />;
    case "/provider/forgot":
      return <Forgot />;
    case "/provider/reset":
      return <Reset token={kept.value} />;
    case "/provider/verify":
      return <Verify token={kept.value} />;
    case "/provider/join":
      return <Join token={kept.value} />;
    default:
      return <SignIn />;
  }
}
