// One offering: what it is, what it costs, by which rules the price moves, and what a cancellation gives back.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useLocation, useRoute } from "preact-iso";

import { Heading, State, Tabs } from "../../ui/bits";
import { zones } from "../../ui/dates";
import { confirmed } from "../../ui/dialog";
import { Check, Choice, Count, Field, Lines, Rate, Send, sending, Text, Trouble, useForm, type Form } from "../../ui/form";
import { Show, useLoad } from "../../ui/load";
import { Menu } from "../../ui/menu";
import { CurrencyField, MoneyField } from "../../ui/money";
import { client, ok, unchanged, type Schemas } from "../../ui/problem";
import { attempt, say } from "../../ui/toast";
import { Attributes } from "../attributes";
import { PriceHelp, SummaryHelp } from "../help";
import { Photos } from "../photos";
import { Policy } from "../policy";
import { PricingRules } from "../pricing-rules";
import { currency, mayEdit, zone } from "../session";

type Offering = Schemas["Offering"];
export type Draft = Pick<
  Offering,
  | "title" | "slug" | "description" | "productTypeKey" | "categories" | "attributes" | "photos" | "timeZone" | "pricingModel" | "currency"
  | "taxInclusive" | "autoApprove" | "rescheduleAllowed"
> & {
  basePriceCents: number | null;
  minPriceCents: number | null;
  maxPriceCents: number | null;
  resource: string;
  taxRateBps: number | null;
  billingInterval: string;
  minNoticeMinutes: number | null;
  maxAdvanceDays: number | null;
  bufferBeforeMinutes: number | null;
  bufferAfterMinutes: number | null;
  minDurationMinutes: number | null;
  maxDurationMinutes: number | null;
  cancellationPolicy: Schemas["CancellationPolicy"];
};

const fresh = (): Draft => ({
  title: "", slug: "", description: "", productTypeKey: "space", categories: [], attributes: {}, photos: [], timeZone: zone(), pricingModel: "HOURLY",
  currency: currency() as Offering["currency"], taxInclusive: false, autoApprove: false, rescheduleAllowed: true, basePriceCents: null, minPriceCents: null, maxPriceCents: null, resource: "", taxRateBps: 0,
  billingInterval: "", minNoticeMinutes: 0, maxAdvanceDays: 365, bufferBeforeMinutes: 0, bufferAfterMinutes: 0, minDurationMinutes: null,
  maxDurationMinutes: null, cancellationPolicy: { kind: "FLEXIBLE", tiers: [], graceMinutes: 0 },
});

const draftOf = (offering: Offering): Draft => {
  const known = Object.keys(fresh()) as (keyof Draft)[];
  return { ...(Object.fromEntries(known.map((name) => [name, offering[name as keyof Offering]])) as unknown as Draft), billingInterval: offering.billingInterval ?? "", resource: offering.resource ?? "" };
};

const minutes = { min: 0, max: 525_600, unit: "min" };
const fields = Object.keys(fresh());

function About({ form }: { form: Form<Draft> }): VNode {
  const types = useLoad(async () => (await ok(client.GET("/v1/provider/product-types"))).data);
  return (
    <>
      <Text form={form} name="title" label="Title" required />
      <Text form={form} name="description" label="Description" long hint="What customers read first. Paragraphs stay." />
      <Text form={form} name="slug" label="Address" hint="The last part of its address; made from the title when left empty." />
      <Show of={types} rows={1}>
        {(all) => (
          <>
            <Field label="Type" fault={form.faults.value["/productTypeKey"]}>
              {(bound) => (
                <select
                  {...bound}
                  value={form.get("productTypeKey")}
                  onChange={(e) => {
                    const type = all.find(({ key }) => key === e.currentTarget.value)!;
                    form.set("productTypeKey", type.key);
                    // What the other type does not have goes with the one that had it.
                    form.set("attributes", Object.fromEntries(Object.entries(form.get("attributes")).filter(([name]) => type.attributes.some(({ key }) => key === name))));
                  }}
                >
                  {all.map(({ key, name }) => (
                    <option key={key} value={key}>
                      {name}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Lines form={form} name="categories" label="Categories" hint="One a line." rows={2} />
            <Attributes form={form} type={all.find(({ key }) => key === form.get("productTypeKey"))} />
          </>
        )}
      </Show>
      <Photos form={form} />
    </>
  );
}

function Price({ form, id }: { form: Form<Draft>; id: string | null }): VNode {
  const taken = useSignal(0);
  return (
    <>
      <Choice
        form={form}
        name="pricingModel"
        label="Priced"
        options={[
          ["HOURLY", "By the hour"],
          ["DAILY", "By the day"],
          ["ONE_TIME", "Once"],
          ["SUBSCRIPTION", "As a subscription"],
        ]}
      />
      {form.get("pricingModel") === "SUBSCRIPTION" && (
        <Choice form={form} name="billingInterval" label="Billed" options={[["", "Choose"], ["WEEK", "Every week"], ["MONTH", "Every month"], ["YEAR", "Every year"]]} />
      )}
      <div class="row">
        <CurrencyField form={form} amounts={["basePriceCents", "minPriceCents", "maxPriceCents"]} />
        <MoneyField key={`${form.get("currency")} ${taken.value}`} form={form} name="basePriceCents" label="Base price" currency={form.get("currency")} />
      </div>
      {id && (
        <PriceHelp
          id={id}
          currency={form.get("currency")}
          take={(cents) => {
            form.set("basePriceCents", cents);
            taken.value += 1; // the field is made anew, with what it is now
          }}
        />
      )}
      <div class="row">
        <Rate form={form} name="taxRateBps" label="Tax" />
        <Check form={form} name="taxInclusive" label="The price contains the tax" />
      </div>
      <div class="row">
        <MoneyField key={`min ${form.get("currency")}`} form={form} name="minPriceCents" label="Never below" currency={form.get("currency")} optional hint="However pricing rules move it. Empty: zero." />
        <MoneyField key={`max ${form.get("currency")}`} form={form} name="maxPriceCents" label="Never above" currency={form.get("currency")} optional />
      </div>
    </>
  );
}

function Terms({ form }: { form: Form<Draft> }): VNode {
  return (
    <>
      <Check form={form} name="autoApprove" label="Confirm by itself" hint="Once it is paid, and unless it is held for its risk." />
      <Check form={form} name="rescheduleAllowed" label="Customers may move their booking" />
      <div class="row">
        <Count form={form} name="minNoticeMinutes" label="Notice" {...minutes} hint="How late it can be booked." />
        <Count form={form} name="maxAdvanceDays" label="Ahead" min={1} max={3650} unit="days" hint="How early it can be booked." />
      </div>
      <div class="row">
        <Count form={form} name="bufferBeforeMinutes" label="Free before" {...minutes} />
        <Count form={form} name="bufferAfterMinutes" label="Free after" {...minutes} />
      </div>
      <div class="row">
        <Count form={form} name="minDurationMinutes" label="At least" {...minutes} optional />
        <Count form={form} name="maxDurationMinutes" label="At most" {...minutes} optional />
      </div>
      <Text form={form} name="resource" label="Shares" hint="Offerings that name the same thing here, such as a room or a person, are never booked at one time." />
      <Choice form={form} name="timeZone" label="Time zone" options={zones(form.get("timeZone"))} />
      <Policy form={form} />
    </>
  );
}

function Editor({ offering, form, onSaved }: { offering: Offering | null; form: Form<Draft>; onSaved: (offering: Offering) => void }): VNode {
  const { route } = useLocation();
  const readOnly = !mayEdit();
  const save = async (): Promise<void> => {
    let saved: Offering | undefined;
    const sent = await form.send(async (values) => {
      const changed = { ...values, billingInterval: values.pricingModel === "SUBSCRIPTION" ? values.billingInterval : "" };
      const { slug, billingInterval, resource, cancellationPolicy, ...rest } = (offering ? form.changesOf(changed) : changed) as Partial<Draft>;
      const body = {
        ...rest,
        ...(slug && { slug }),
        ...(resource !== undefined && { resource: resource.trim() || null }),
        ...(billingInterval !== undefined && { billingInterval: billingInterval || null }),
        ...(cancellationPolicy && { cancellationPolicy: cancellationPolicy.kind === "CUSTOM" ? cancellationPolicy : { kind: cancellationPolicy.kind, graceMinutes: cancellationPolicy.graceMinutes } }),
      };
      saved = offering
        ? await ok(client.PATCH("/v1/api/offerings/{id}", { params: { path: { id: offering.id } }, headers: unchanged(offering), body: body as Schemas["OfferingPatch"] }))
        : await ok(client.POST("/v1/api/offerings", { body: body as Schemas["OfferingCreate"] }));
    });
    if (!sent || !saved) return;
    say("Saved.");
    onSaved(saved);
    if (!offering) route(`/provider/offerings/${saved.id}`, true);
  };
  return (
    <form onSubmit={sending(save)}>
      <fieldset disabled={readOnly} class="bare">
        <section class="card">
          <h2>What it is</h2>
          <About form={form} />
          {offering && <SummaryHelp id={offering.id} />}
        </section>
        <section class="card">
          <h2>Price</h2>
          <Price form={form} id={offering?.id ?? null} />
        </section>
        <section class="card">
          <h2>Terms</h2>
          <Terms form={form} />
        </section>
      </fieldset>
      <Trouble form={form} shown={fields.filter((name) => name !== "attributes" && (name !== "billingInterval" || form.get("pricingModel") === "SUBSCRIPTION"))} />
      {!readOnly && (
        <div class="sticky">
          <Send form={form} label={offering ? "Save" : "Make it, as a draft"} />
        </div>
      )}
    </form>
  );
}

export default function OfferingPage(): VNode {
  const { id = "" } = useRoute().params;
  const { route } = useLocation();
  const isNew = id === "new";
  const shown = useSignal<Offering | null>(null);
  const found = useLoad(async () => {
    shown.value = isNew ? null : await ok(client.GET("/v1/api/offerings/{id}", { params: { path: { id } } }));
    return { offering: shown.value };
  }, [id]);
  // Kept while its tab is not shown.
  const form = useForm(() => (shown.value ? draftOf(shown.value) : fresh()), [id, shown.value?.updatedAt]);
  const set = async (offering: Offering, status: "PUBLISHED" | "DRAFT" | "ARCHIVED", words: string): Promise<void> => {
    if (form.changed) return say("Save what you have changed first.", true);
    await attempt(async () => {
      shown.value = await ok(client.PATCH("/v1/api/offerings/{id}", { params: { path: { id: offering.id } }, headers: unchanged(offering), body: { status } }));
    }, words);
  };
  const remove = async (offering: Offering): Promise<void> => {
    if (!(await confirmed(`Delete ${offering.title}?`, "It goes from the storefront and from every list. Its bookings stay.", "Delete it"))) return;
    if (await attempt(() => ok(client.DELETE("/v1/api/offerings/{id}", { params: { path: { id: offering.id } }, headers: unchanged(offering) })), "Deleted.")) route("/provider/offerings", true);
  };
  return (
    <Show of={found} rows={10}>
      {() => {
        const offering = shown.value;
        const editor = (): VNode => <Editor key={offering?.updatedAt ?? ""} offering={offering} form={form} onSaved={(saved) => (shown.value = saved)} />;
        return (
          <>
            <Heading title={offering?.title ?? "New offering"} intro={offering ? `/o/${offering.slug}` : "It is a draft until you publish it."}>
              {offering && <State of={offering.status} />}
              {offering && mayEdit() && offering.status !== "PUBLISHED" && (
                <button type="button" onClick={() => void set(offering, "PUBLISHED", "Published.")}>
                  Publish
                </button>
              )}
              {offering && mayEdit() && (
                <Menu
                  label="More actions"
                  actions={[
                    { label: "Its times", act: () => route(`/provider/availability?offering=${offering.id}`) },
                    offering.status === "PUBLISHED" && { label: "Back to draft", act: () => void set(offering, "DRAFT", "It is a draft again.") },
                    offering.status !== "ARCHIVED" && { label: "Archive", act: () => void set(offering, "ARCHIVED", "Archived.") },
                    { label: "Delete …", danger: true, act: () => void remove(offering) },
                  ]}
                />
              )}
            </Heading>
            {offering ? (
              <Tabs
                label="Parts of the offering"
                tabs={[
                  ["Details", editor],
                  ["Pricing rules", () => <PricingRules offering={offering} />],
                ]}
              />
            ) : (
              editor()
            )}
          </>
        );
      }}
    </Show>
  );
}
