// Keys for programs: shown once, revoked at once.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Heading, Secret, State } from "../../ui/bits";
import { Ago, Moment } from "../../ui/dates";
import { confirmed, Dialog } from "../../ui/dialog";
import { Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Empty } from "../../ui/load";
import { Menu } from "../../ui/menu";
import { client, ok, type Schemas } from "../../ui/problem";
import { Table, useRows } from "../../ui/table";
import { attempt } from "../../ui/toast";
import { mayEdit, zone } from "../session";

type Key = Schemas["ApiKey"];
type Scope = Schemas["Scope"];

const scopes: readonly (readonly [Scope, string])[] = [
  ["read", "Read everything below /v1/api"],
  ["write", "Change what is below /v1/api"],
  ["admin", "All of the portal, as an owner"],
];

function Create({ replaces, onClose, onMade }: { replaces: Key | null; onClose: () => void; onMade: () => void }): VNode {
  const form = useForm(() => ({ name: replaces ? `${replaces.name} (new)` : "", scopes: (replaces?.scopes ?? ["read", "write"]) as Scope[], expiresAt: null as string | null }));
  const token = useSignal("");
  if (token.value)
    return (
      <Dialog title="Your new key" onClose={onClose}>
        <Secret text={token.value} words="This is the only time that it is shown. Keep it where nobody else reads it." />
        <p class="hint">Try it:</p>
        <pre>
          <code>{`curl ${location.origin}/v1/api/me -H "Authorization: Bearer ${token.value}"`}</code>
        </pre>
        {replaces && <p class="note wait">Use the new key everywhere, watch “Last used” of {replaces.name} stand still, then revoke it.</p>}
        <footer>
          <button type="button" onClick={onClose}>
            I have kept it
          </button>
        </footer>
      </Dialog>
    );
  return (
    <Dialog title={replaces ? `Replace ${replaces.name}` : "New API key"} onClose={onClose}>
      <form
        onSubmit={sending(async () => {
          await form.send(async (body) => {
            token.value = (await ok(client.POST("/v1/provider/api-keys", { body: body as Schemas["ApiKeyCreate"] }))).token;
          });
          if (token.value) onMade();
        })}
      >
        <Text form={form} name="name" label="Name" required hint="Where it will be used." />
        <fieldset>
          <legend>May</legend>
          {scopes.map(([scope, words]) => (
            <label class="check" key={scope}>
              <input
                type="checkbox"
                checked={form.get("scopes").includes(scope)}
                onChange={(e) => form.set("scopes", e.currentTarget.checked ? [...form.get("scopes"), scope] : form.get("scopes").filter((one) => one !== scope))}
              />
              <span>
                <code>{scope}</code> {words}
              </span>
            </label>
          ))}
        </fieldset>
        <Moment form={form} name="expiresAt" label="Ends" zone={zone()} optional hint="Empty: never." />
        <Trouble form={form} shown={["name", "expiresAt"]} />
        <Send form={form} label="Make it" />
      </form>
    </Dialog>
  );
}

export default function ApiKeys(): VNode {
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/api-keys", { params: { query: { ...(cursor && { cursor }) } } })));
  const making = useSignal<{ replaces: Key | null } | null>(null);
  const revoke = async (key: Key): Promise<void> => {
    if (!(await confirmed(`Revoke ${key.name}?`, "Whatever uses it is refused from the next request on. That can't be taken back.", "Revoke it"))) return;
    if (await attempt(() => ok(client.DELETE("/v1/provider/api-keys/{id}", { params: { path: { id: key.id } } })), "Revoked.")) await rows.load();
  };
  const create = mayEdit() && (
    <button type="button" onClick={() => (making.value = { replaces: null })}>
      New key
    </button>
  );
  return (
    <>
      <Heading
        title="API keys"
        intro={
          <>
            For your own programs. <a href="/docs/api">The API</a>
          </>
        }
      >
        {create}
      </Heading>
      <Table<Key>
        caption="API keys"
        rows={rows}
        idOf={({ id }) => id}
        empty={
          <Empty title="No keys">
            <p>Make one to read and write offerings, bookings and coupons from your own systems.</p>
            {create}
          </Empty>
        }
        columns={[
          { title: "Name", main: true, cell: ({ name }) => name, by: ({ name }) => name },
          { title: "Key", cell: ({ prefix }) => <code>ork_{prefix}…</code> },
          { title: "May", cell: ({ scopes }) => scopes.map((scope) => <State key={scope} of="" words={scope} />) },
          { title: "Last used", cell: ({ lastUsedAt }) => <Ago at={lastUsedAt} zone={zone()} />, by: ({ lastUsedAt }) => lastUsedAt },
          { title: "Ends", cell: ({ expiresAt }) => (expiresAt ? <Ago at={expiresAt} zone={zone()} /> : <span class="quiet">never</span>) },
          {
            title: "",
            cell: (key) =>
              mayEdit() && (
                <Menu
                  label={`Actions for ${key.name}`}
                  actions={[
                    { label: "Replace …", act: () => (making.value = { replaces: key }) },
                    { label: "Revoke …", danger: true, act: () => void revoke(key) },
                  ]}
                />
              ),
          },
        ]}
      />
      {making.value && <Create {...making.value} onClose={() => (making.value = null)} onMade={() => void rows.load()} />}
    </>
  );
}
