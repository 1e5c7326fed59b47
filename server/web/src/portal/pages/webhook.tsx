// One webhook: how it does, what was sent, and what came back.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useLocation, useRoute } from "preact-iso";

import { Facts, Heading, plain, Secret, State } from "../../ui/bits";
import { Ago, Moment, when } from "../../ui/dates";
import { confirmed, Dialog } from "../../ui/dialog";
import { Choice, Send, sending, Trouble, useForm } from "../../ui/form";
import { Empty, Show, useLoad } from "../../ui/load";
import { Menu } from "../../ui/menu";
import { client, ok, unchanged, type Schemas } from "../../ui/problem";
import { Filters, Table, useFilters, useRows } from "../../ui/table";
import { attempt, say } from "../../ui/toast";
import { mayEdit, zone } from "../session";
import { WebhookFields, type WebhookDraft } from "./webhooks";

type Webhook = Schemas["Webhook"];
type Delivery = Schemas["Delivery"];

const filters = [{ name: "status", label: "Status", options: ["PENDING", "SUCCEEDED", "DEAD"].map((one) => [one, plain(one)] as const) }] as const;

const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

/** Why a delivery has failed, for who reads no codes. */
function why(delivery: Schemas["DeliveryDetail"]): string {
  const last = delivery.log.at(-1);
  if (delivery.waiting) return delivery.waiting.detail;
  if (delivery.status === "SUCCEEDED") return "Your program has taken it.";
  if (!last) return delivery.lastError ?? "It has not been sent yet.";
  if (last.status !== null)
    return last.status >= 500
      ? `Your program answered ${last.status}: it failed itself. Its log says why.`
      : last.status >= 300 && last.status < 400
        ? `Your program answered ${last.status}, a redirect. Give the address that it leads to.`
        : last.status === 401 || last.status === 403
          ? `Your program answered ${last.status}. Does something in front of it ask for a password?`
          : `Your program answered ${last.status}. Only 2xx means that it was taken.`;
  return last.detail || delivery.lastError || "Your program could not be reached.";
}

function Detail({ webhook, id, onClose, onReplayed }: { webhook: string; id: string; onClose: () => void; onReplayed: () => void }): VNode {
  const params = { params: { path: { id: webhook, deliveryId: id } } };
  const found = useLoad(() => ok(client.GET("/v1/provider/webhooks/{id}/deliveries/{deliveryId}", params)), [id]);
  return (
    <Dialog title="Delivery" wide onClose={onClose}>
      <Show of={found}>
        {(delivery) => (
          <>
            <p class="note">{why(delivery)}</p>
            <Facts
              facts={[
                ["Event", <code>{delivery.event}</code>],
                ["Status", <State of={delivery.status} />],
                ["About", <code>{delivery.subject}</code>],
                ["Id", <code>{delivery.id}</code>],
                ["Next attempt", delivery.nextAttemptAt && when(delivery.nextAttemptAt, zone())],
              ]}
            />
            <details>
              <summary>What is sent</summary>
              <pre tabIndex={0} aria-label="What is sent">
                <code>{pretty(delivery.payload)}</code>
              </pre>
            </details>
            <h3>Attempts</h3>
            {delivery.log.length === 0 ? (
              <p class="quiet">None is kept: they are for seven days.</p>
            ) : (
              <ol class="attempts">
                {delivery.log.map((attempt) => (
                  <li key={attempt.number}>
                    <p>
                      <strong>{attempt.status ?? plain(attempt.failure ?? "FAILED")}</strong> {when(attempt.at, zone())}{" "}
                      <span class="quiet">
                        {attempt.address} · {Math.round(attempt.totalMicros / 1000)} ms (name {Math.round(attempt.resolveMicros / 1000)}, connection {Math.round(attempt.connectMicros / 1000)}, TLS {Math.round(attempt.secureMicros / 1000)})
                      </span>
                    </p>
                    {attempt.detail && <p class="quiet">{attempt.detail}</p>}
                    {attempt.body && (
                      <pre tabIndex={0} aria-label={`What was answered, attempt ${attempt.number}`}>
                        <code>{pretty(attempt.body)}</code>
                      </pre>
                    )}
                    {attempt.truncated && <p class="hint">Only its first 8 KiB are kept.</p>}
                  </li>
                ))}
              </ol>
            )}
            {mayEdit() && delivery.status !== "PENDING" && (
              <footer>
                <button
                  type="button"
                  onClick={async () => {
                    if (await attempt(() => ok(client.POST("/v1/provider/webhooks/{id}/deliveries/{deliveryId}/replay", { ...params, body: {} })), "It is sent again, under the same id.")) {
                      onReplayed();
                      await found.again();
                    }
                  }}
                >
                  Send it again
                </button>
              </footer>
            )}
          </>
        )}
      </Show>
    </Dialog>
  );
}

function Replay({ webhook, onClose, onDone }: { webhook: string; onClose: () => void; onDone: () => void }): VNode {
  const form = useForm(() => ({ from: new Date(Date.now() - 86_400_000).toISOString().slice(0, 17) + "00Z", to: null as string | null, status: "DEAD" }));
  const count = useSignal<number | null>(null);
  const post = (dryRun: boolean): Promise<Schemas["ReplayCount"]> =>
    ok(client.POST("/v1/provider/webhooks/{id}/replay", { params: { path: { id: webhook }, query: { dryRun } }, body: form.values.value as Schemas["ReplayCreate"] }));
  return (
    <Dialog title="Send many again" onClose={onClose}>
      <form
        onSubmit={sending(() =>
          form.send(async () => {
            if (count.value === null) {
              count.value = (await post(true)).count;
              return;
            }
            const sent = await post(false);
            say(`${sent.count} are sent again.`);
            onDone();
          }),
        )}
        onInput={() => (count.value = null)}
      >
        <Moment form={form} name="from" label="From" zone={zone()} />
        <Moment form={form} name="to" label="To" zone={zone()} optional hint="Empty: until now." />
        <Choice form={form} name="status" label="Which" options={[["DEAD", "Those that failed"], ["SUCCEEDED", "Those that succeeded"]]} />
        {count.value !== null && (
          <p class="note wait" role="status">
            {count.value} would be sent again.
          </p>
        )}
        <Trouble form={form} />
        <Send form={form} label={count.value === null ? "How many?" : `Send ${count.value} again`} />
      </form>
    </Dialog>
  );
}

function Change({ webhook, onClose, onSaved }: { webhook: Webhook; onClose: () => void; onSaved: () => void }): VNode {
  const form = useForm<WebhookDraft>({ url: webhook.url, description: webhook.description, events: webhook.events });
  return (
    <Dialog title="Change this webhook" wide onClose={onClose}>
      <form
        onSubmit={sending(async () => {
          if (await form.send((body) => ok(client.PATCH("/v1/provider/webhooks/{id}", { params: { path: { id: webhook.id } }, headers: unchanged(webhook), body })))) onSaved();
        })}
      >
        <WebhookFields form={form} />
        <Trouble form={form} shown={["url", "description", "events"]} />
        <Send form={form} label="Save" />
      </form>
    </Dialog>
  );
}

export default function WebhookPage(): VNode {
  const { id = "" } = useRoute().params;
  const { route } = useLocation();
  const params = { params: { path: { id } } };
  const found = useLoad(
    () => Promise.all([ok(client.GET("/v1/provider/webhooks/{id}", params)), ok(client.GET("/v1/provider/webhooks/{id}/health", params))]),
    [id],
  );
  const [values] = useFilters(filters);
  const rows = useRows(
    (cursor) => ok(client.GET("/v1/provider/webhooks/{id}/deliveries", { params: { path: { id }, query: { ...values, ...(cursor && { cursor }) } as never } })),
    [id, JSON.stringify(values)],
  );
  const open = useSignal<"change" | "replay" | null>(null);
  const delivery = useSignal("");
  const secret = useSignal("");
  const act = async (done: Promise<boolean>): Promise<void> => {
    if (await done) await Promise.all([found.again(), rows.load()]);
  };
  const rotate = async (revokeOld: boolean): Promise<void> => {
    const asked = revokeOld
      ? confirmed("Make a new secret at once?", "The old one signs nothing any more: your program refuses what is sent until it has the new one.", "Replace it now")
      : confirmed("Make a new secret?", "For 24 hours both sign: give your program the new one, then switch the old one off here.", "Make it", false);
    if (!(await asked)) return;
    await act(
      attempt(async () => {
        secret.value = (await ok(client.POST("/v1/provider/webhooks/{id}/rotate", { ...params, body: { revokeOld } }))).secret;
      }),
    );
  };
  const remove = async (): Promise<void> => {
    if (!(await confirmed("Delete this webhook?", "What has not been sent is not sent any more.", "Delete it"))) return;
    if (await attempt(() => ok(client.DELETE("/v1/provider/webhooks/{id}", params)), "Deleted.")) route("/provider/webhooks", true);
  };
  return (
    <Show of={found} rows={8}>
      {([webhook, health]) => (
        <>
          <Heading title={webhook.url.replace(/^https?:\/\//, "")} intro={webhook.description || webhook.events.join(", ")}>
            <State of={webhook.status} />
            {mayEdit() && (
              <>
                <button type="button" class="second" onClick={() => void act(attempt(() => ok(client.POST("/v1/provider/webhooks/{id}/test", { ...params, body: {} })), "A test is on its way."))}>
                  Send a test
                </button>
                <Menu
                  label="More actions"
                  actions={[
                    { label: "Change …", act: () => (open.value = "change") },
                    { label: "Send many again …", act: () => (open.value = "replay") },
                    { label: "New secret …", act: () => void rotate(false) },
                    { label: "The secret has leaked …", danger: true, act: () => void rotate(true) },
                    webhook.oldSecretExpiresAt !== null && {
                      label: "Let the new secret sign",
                      act: () => void act(attempt(() => ok(client.POST("/v1/provider/webhooks/{id}/promote", { ...params, body: { revokeOld: false } })), "The new secret signs now.")),
                    },
                    webhook.oldSecretExpiresAt !== null && {
                      label: "Switch the old secret off",
                      act: () => void act(attempt(() => ok(client.POST("/v1/provider/webhooks/{id}/promote", { ...params, body: { revokeOld: true } })), "The old secret signs nothing any more.")),
                    },
                    {
                      label: webhook.status === "ACTIVE" ? "Switch off" : "Switch on",
                      act: () =>
                        void act(
                          attempt(() =>
                            ok(client.PATCH("/v1/provider/webhooks/{id}", { ...params, headers: unchanged(webhook), body: { status: webhook.status === "ACTIVE" ? "DISABLED" : "ACTIVE" } })),
                          ),
                        ),
                    },
                    { label: "Delete …", danger: true, act: () => void remove() },
                  ]}
                />
              </>
            )}
          </Heading>
          {webhook.disabledReason && webhook.disabledReason !== "BY_PROVIDER" && (
            <p class="note bad">
              {webhook.disabledReason === "GONE" ? "It was switched off, since your program answered 410: gone." : "It was switched off, since every attempt has failed for days."} Mend it, then switch it on.
            </p>
          )}
          <section class="card">
            <Facts
              facts={[
                ["Now", <State of={health.breaker} words={health.breaker === "CLOSED" ? "Works" : health.breaker === "OPEN" ? "Paused, since it fails" : "Being tried again"} />],
                ["Failures in a row", health.consecutiveFailures],
                ["Failing since", health.failingSince && when(health.failingSince, zone())],
                ["Waiting to be sent", health.pending],
                ["Old secret signs until", webhook.oldSecretExpiresAt && when(webhook.oldSecretExpiresAt, zone())],
              ]}
            />
          </section>
          <Filters filters={filters} />
          <Table<Delivery>
            caption="Deliveries"
            rows={rows}
            idOf={(one) => one.id}
            filtered={Object.keys(values).length > 0}
            empty={<Empty title="Nothing was sent yet" />}
            columns={[
              {
                title: "Event",
                main: true,
                cell: (one) => (
                  <button type="button" class="plain link" onClick={() => (delivery.value = one.id)}>
                    {one.event}
                  </button>
                ),
              },
              { title: "Status", cell: ({ status }) => <State of={status} /> },
              { title: "Attempts", number: true, cell: ({ attempts }) => attempts },
              { title: "Last answer", cell: ({ lastStatus, lastError }) => lastStatus ?? lastError ?? "" },
              { title: "When", cell: ({ createdAt }) => <Ago at={createdAt} zone={zone()} /> },
            ]}
          />
          {delivery.value && <Detail webhook={id} id={delivery.value} onClose={() => (delivery.value = "")} onReplayed={() => void rows.load()} />}
          {open.value === "replay" && (
            <Replay
              webhook={id}
              onClose={() => (open.value = null)}
              onDone={() => {
                open.value = null;
                void rows.load();
              }}
            />
          )}
          {open.value === "change" && (
            <Change
              webhook={webhook}
              onClose={() => (open.value = null)}
              onSaved={() => {
                open.value = null;
                void found.again();
              }}
            />
          )}
          {secret.value && (
            <Dialog title="The new secret" onClose={() => (secret.value = "")}>
              <Secret text={secret.value} words="This is the only time that it is shown." />
            </Dialog>
          )}
        </>
      )}
    </Show>
  );
}
