// What the tenant decides for all its offerings: how risk is weighed.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Facts, Heading } from "../../ui/bits";
import { Dialog } from "../../ui/dialog";
import { Count, Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { client, ok, unchanged, type Schemas } from "../../ui/problem";
import { say } from "../../ui/toast";
import { atLeast, findSession, mayEdit, session } from "../session";

type Settings = Schemas["Settings"];

const signals: Record<Schemas["RiskWeight"]["signal"], string> = {
  email_velocity: "Many attempts with one e-mail address",
  ip_velocity: "Many attempts from one network address",
  device_velocity: "Many attempts from one device",
  card_velocity: "Many attempts with one card",
  malformed_email: "An e-mail address that can't be one",
  disposable_email: "A throw-away e-mail address",
  amount_over_median: "Much more than is usual (per cent of the median)",
  short_lead_time: "Booked shortly before (hours)",
  first_time_customer: "A first booking",
  past_cancellations: "Past cancellations",
  past_refunds: "Past refunds",
  past_disputes: "Past disputes",
  coupon_abuse: "Coupons tried out",
  country_mismatch: "Countries that do not fit",
  unpaid_holds: "Times held and not paid",
};

function Risk({ settings, again }: { settings: Settings; again: () => Promise<void> }): VNode {
  const form = useForm(() => ({ holdAt: settings.risk.holdAt as number | null, blockAt: settings.risk.blockAt as number | null, weights: settings.risk.weights }), [settings]);
  const weights = form.get("weights");
  const set = (i: number, part: Partial<Schemas["RiskWeight"]>): void => form.set("weights", weights.map((one, j) => (i === j ? { ...one, ...part } : one)));
  return (
    <form
      onSubmit={sending(async () => {
        if (!(await form.send((risk) => ok(client.PATCH("/v1/provider/settings", { headers: unchanged(settings), body: { risk } as Schemas["SettingsPatch"] }))))) return;
        say("Saved. It counts for bookings from now on.");
        await again();
      })}
    >
      <fieldset class="bare" disabled={!mayEdit()}>
        <div class="row">
          <Count form={form} name="holdAt" label="Hold from" min={1} max={100} unit="of 100" hint="Such a booking waits for a person." />
          <Count form={form} name="blockAt" label="Block from" min={1} max={101} unit="of 100" hint="Such a booking is refused." />
        </div>
        <table class="weights">
          <caption class="sr">What counts for the score</caption>
          <thead>
            <tr>
              <th scope="col">Sign</th>
              <th scope="col">From</th>
              <th scope="col">Points</th>
            </tr>
          </thead>
          <tbody>
            {weights.map(({ signal, threshold, points }, i) => (
              <tr key={signal}>
                <th scope="row">{signals[signal]}</th>
                <td>
                  <input type="number" min={0} aria-label={`${signals[signal]}: from`} value={threshold} onInput={(e) => set(i, { threshold: Math.round(Number(e.currentTarget.value)) })} />
                </td>
                <td>
                  <input type="number" min={-100} max={100} aria-label={`${signals[signal]}: points`} value={points} onInput={(e) => set(i, { points: Math.round(Number(e.currentTarget.value)) })} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </fieldset>
      <Trouble form={form} shown={["holdAt", "blockAt"]} />
      {mayEdit() && <Send form={form} label="Save" />}
    </form>
  );
}

/** Typed out, so that it is no slip. */
function Close({ onClose }: { onClose: () => void }): VNode {
  const form = useForm({ subdomain: "" });
  const { subdomain } = session.value!.tenant;
  return (
    <Dialog title="Close this business?" onClose={onClose}>
      <p>Customers, keys and the whole team are refused from then on, and your own name is free again. Whatever was booked stays with the platform, and only the platform can open the business again.</p>
      <form
        onSubmit={sending(async () => {
          if (await form.send((body) => ok(client.POST("/v1/provider/close", { body })))) {
            say("Closed.");
            onClose();
            await findSession();
          }
        })}
      >
        <Text form={form} name="subdomain" label={`Type ${subdomain} to close it`} required mono />
        <Trouble form={form} shown={["subdomain"]} />
        <Send form={form} label="Close it for good" />
      </form>
    </Dialog>
  );
}

export default function SettingsPage(): VNode {
  const closing = useSignal(false);
  const found = useLoad(() => ok(client.GET("/v1/provider/settings")));
  const { tenant, storefrontUrl } = session.value!;
  return (
    <>
      <Heading title="Settings" />
      <section class="card">
        <h2>Business</h2>
        <Facts
          facts={[
            ["Name", tenant.name],
            ["Address", <a href={storefrontUrl}>{storefrontUrl.replace(/^https?:\/\//, "")}</a>],
            ["Id", <code>{tenant.id}</code>],
            ["Look, zone, currency", <a href="/provider/branding">Branding</a>],
          ]}
        />
      </section>
      <section class="card">
        <h2>Risk</h2>
        <Show of={found} rows={8}>{(settings) => <Risk settings={settings} again={found.again} />}</Show>
      </section>
      {atLeast("OWNER") && (
        <section class="card">
          <h2>Close the business</h2>
          <p class="quiet">Possible once no booking waits or is still to come.</p>
          <footer>
            <button type="button" class="danger" onClick={() => (closing.value = true)}>
              Close it …
            </button>
          </footer>
        </section>
      )}
      {closing.value && <Close onClose={() => (closing.value = false)} />}
    </>
  );
}
