// Coupons, and those in the trash.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Heading, State, Tabs } from "../../ui/bits";
import { Ago, Moment, span, when } from "../../ui/dates";
import { confirmed, Dialog } from "../../ui/dialog";
import { Check, Count, Field, Send, sending, Text, Trouble, useForm, type Form } from "../../ui/form";
import { Empty, everything, useLoad } from "../../ui/load";
import { Menu } from "../../ui/menu";
import { CurrencyField, money, MoneyField } from "../../ui/money";
import { client, ok, unchanged, type Schemas } from "../../ui/problem";
import { Filters, Table, useFilters, useRows } from "../../ui/table";
import { attempt, say } from "../../ui/toast";
import { currency, mayEdit, zone } from "../session";

type Coupon = Schemas["Coupon"];

const worth = ({ kind, amount, currency }: Coupon): string => (kind === "PERCENT" ? `${amount} %` : money(amount, currency ?? "USD"));
const used = ({ redeemedCount, maxRedemptions }: Coupon): string => `${redeemedCount}${maxRedemptions === null ? "" : ` of ${maxRedemptions}`}`;
const until = ({ validFrom, validUntil }: Coupon): string => [validFrom && `from ${when(validFrom, zone())}`, validUntil && `until ${when(validUntil, zone())}`].filter(Boolean).join(" ") || "always";

/** None chosen: all. */
function OnlyFor({ form, all }: { form: Form<{ offeringIds: string[] } & object>; all: readonly Schemas["Offering"][] }): VNode {
  const chosen = form.get("offeringIds");
  return (
    <details>
      <summary>{chosen.length === 0 ? "For all offerings" : `For ${chosen.length} ${chosen.length === 1 ? "offering" : "offerings"} alone`}</summary>
      <fieldset class="choose">
        <legend class="sr">Offerings that it is for</legend>
        {all.map(({ id, title }) => (
          <label class="check" key={id}>
            <input type="checkbox" checked={chosen.includes(id)} onChange={(e) => form.set("offeringIds", e.currentTarget.checked ? [...chosen, id] : chosen.filter((one) => one !== id))} />
            {title}
          </label>
        ))}
      </fieldset>
      <p class="hint">None chosen: it is for all of them.</p>
    </details>
  );
}

function Edit({ coupon, onClose, onSaved }: { coupon: Coupon | null; onClose: () => void; onSaved: () => void }): VNode {
  const form = useForm(() => ({
    code: coupon?.code ?? "",
    description: coupon?.description ?? "",
    kind: (coupon?.kind ?? "PERCENT") as Coupon["kind"],
    amount: (coupon?.amount ?? 10) as number | null,
    currency: (coupon?.currency ?? currency()) as string,
    validFrom: coupon?.validFrom ?? null,
    validUntil: coupon?.validUntil ?? null,
    maxRedemptions: coupon?.maxRedemptions ?? null,
    maxPerCustomer: coupon?.maxPerCustomer ?? null,
    minSubtotalCents: (coupon?.minSubtotalCents ?? 0) as number | null,
    offeringIds: coupon?.offeringIds ?? [],
    active: coupon?.active ?? true,
  }));
  const offerings = useLoad(() => everything((page) => ok(client.GET("/v1/api/offerings", { params: { query: { status: "ALL", ...page } } }))));
  const fixed = form.get("kind") === "FIXED";
  const save = async (): Promise<void> => {
    const done = await form.send((values) => {
      const of = (some: Partial<typeof values>): object => ({ ...some, ...("description" in some && { description: values.description || null }), ...("currency" in some && { currency: fixed ? values.currency : null }), ...("minSubtotalCents" in some && { minSubtotalCents: values.minSubtotalCents ?? 0 }) });
      const body = of(values) as Schemas["CouponCreate"];
      // What somebody else changes meanwhile stays; what goes together is sent together.
      const changed = form.changes;
      const together = "kind" in changed || "amount" in changed || "currency" in changed ? { kind: values.kind, amount: values.amount, currency: values.currency } : {};
      return coupon
        ? ok(client.PATCH("/v1/api/coupons/{id}", { params: { path: { id: coupon.id } }, headers: unchanged(coupon), body: of({ ...changed, ...together }) as Schemas["CouponPatch"] }))
        : ok(client.POST("/v1/api/coupons", { body }));
    });
    if (done) {
      say("Saved.");
      onSaved();
    }
  };
  return (
    <Dialog title={coupon ? coupon.code : "New coupon"} onClose={onClose}>
      <form onSubmit={sending(save)}>
        <Text form={form} name="code" label="Code" required mono hint="Capitals and small letters are the same." />
        <Text form={form} name="description" label="What it gives" hint="Customers read it at the checkout, in their language." />
        <div class="row">
          <Field label="Kind">
            {(bound) => (
              <select
                {...bound}
                value={form.get("kind")}
                onChange={(e) => {
                  form.set("kind", e.currentTarget.value as Coupon["kind"]);
                  form.set("amount", null); // ten per cent are not ten cents
                }}
              >
                <option value="PERCENT">Per cent</option>
                <option value="FIXED">An amount</option>
              </select>
            )}
          </Field>
          {fixed && <CurrencyField form={form} amounts={["amount", "minSubtotalCents"]} />}
          {fixed ? <MoneyField key={form.get("currency")} form={form} name="amount" label="Off" currency={form.get("currency")} /> : <Count form={form} name="amount" label="Off" min={1} max={100} unit="%" />}
        </div>
        <Moment form={form} name="validFrom" label="From" zone={zone()} optional />
        <Moment form={form} name="validUntil" label="Until" zone={zone()} optional />
        <div class="row">
          <Count form={form} name="maxRedemptions" label="Times in all" min={1} optional hint="Empty: any." />
          <Count form={form} name="maxPerCustomer" label="Times a customer" min={1} optional hint="Empty: any." />
        </div>
        <MoneyField key={form.get("currency")} form={form} name="minSubtotalCents" label="From a subtotal of" currency={form.get("currency")} />
        <OnlyFor form={form} all={offerings.data ?? []} />
        <Check form={form} name="active" label="In force" />
        <Trouble form={form} shown={["code", "description", "kind", "amount", "validFrom", "validUntil", "maxRedemptions", "maxPerCustomer", "minSubtotalCents", "active", "offeringIds"]} />
        <Send form={form} label="Save" />
      </form>
    </Dialog>
  );
}

/** Which bookings used it. */
function Redemptions({ coupon, onClose }: { coupon: Coupon; onClose: () => void }): VNode {
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/bookings", { params: { query: { couponId: coupon.id, ...(cursor && { cursor }) } } })));
  return (
    <Dialog title={`Booked with ${coupon.code}`} wide onClose={onClose}>
      <p class="hint">Redemptions that count: {used(coupon)}. Bookings that ended before they were confirmed have given it back.</p>
      <Table<Schemas["Booking"]>
        caption={`Bookings with ${coupon.code}`}
        rows={rows}
        idOf={({ id }) => id}
        empty={<Empty title="Nobody has used it yet" />}
        columns={[
          { title: "What", main: true, cell: ({ id, items }) => <a href={`/provider/bookings/${id}`}>{items[0]?.offeringTitle ?? id}</a> },
          { title: "When", cell: ({ items }) => items[0] && span(items[0].startsAt, items[0].endsAt, zone()) },
          { title: "Customer", cell: ({ customer }) => customer.name },
          { title: "Off", number: true, cell: ({ discountCents, currency }) => money(discountCents, currency) },
          { title: "Status", cell: ({ status }) => <State of={status} /> },
        ]}
      />
    </Dialog>
  );
}

const filters = [{ name: "active", label: "In force", options: [["true", "Yes"], ["false", "No"]] as const }] as const;

function Live(): VNode {
  const [values] = useFilters(filters);
  const editing = useSignal<Coupon | "new" | null>(null);
  const looking = useSignal<Coupon | null>(null);
  const rows = useRows((cursor) => ok(client.GET("/v1/api/coupons", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })), [JSON.stringify(values)]);
  const trash = async (coupon: Coupon): Promise<void> => {
    if (!(await confirmed(`Put ${coupon.code} into the trash?`, "Nobody can use it from now on. What was booked with it stays as it is, and you can restore it.", "Into the trash"))) return;
    if (await attempt(() => ok(client.DELETE("/v1/api/coupons/{id}", { params: { path: { id: coupon.id } } })), "It is in the trash.")) await rows.load();
  };
  const create = mayEdit() && (
    <button type="button" onClick={() => (editing.value = "new")}>
      New coupon
    </button>
  );
  return (
    <>
      <div class="tools">
        <Filters filters={filters} />
        {create}
      </div>
      <Table<Coupon>
        caption="Coupons"
        rows={rows}
        idOf={({ id }) => id}
        filtered={Object.keys(values).length > 0}
        empty={
          <Empty title="No coupons">
            <p>A code takes something off the price at the checkout.</p>
          </Empty>
        }
        columns={[
          { title: "Code", main: true, cell: ({ code }) => <code>{code}</code>, by: ({ code }) => code },
          { title: "Off", number: true, cell: worth },
          { title: "Redeemed", number: true, cell: used, by: ({ redeemedCount }) => redeemedCount },
          { title: "Valid", cell: until, by: ({ validUntil }) => validUntil },
          { title: "State", cell: ({ active }) => <State of={active ? "ACTIVE" : "DISABLED"} words={active ? "In force" : "Off"} /> },
          {
            title: "",
            cell: (coupon) => (
              <Menu
                label={`Actions for ${coupon.code}`}
                actions={[
                  { label: "Who used it", act: () => (looking.value = coupon) },
                  mayEdit() && { label: "Change …", act: () => (editing.value = coupon) },
                  mayEdit() && { label: "Into the trash …", danger: true, act: () => void trash(coupon) },
                ]}
              />
            ),
          },
        ]}
      />
      {looking.value && <Redemptions coupon={looking.value} onClose={() => (looking.value = null)} />}
      {editing.value && (
        <Edit
          coupon={editing.value === "new" ? null : editing.value}
          onClose={() => (editing.value = null)}
          onSaved={() => {
            editing.value = null;
            void rows.load();
          }}
        />
      )}
    </>
  );
}

function Trash(): VNode {
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/coupons/trash", { params: { query: { ...(cursor && { cursor }) } } })));
  return (
    <Table<Coupon>
      caption="Coupons in the trash"
      rows={rows}
      idOf={({ id }) => id}
      empty={<Empty title="The trash is empty" />}
      columns={[
        { title: "Code", main: true, cell: ({ code }) => <code>{code}</code> },
        { title: "Off", number: true, cell: worth },
        { title: "Redeemed", number: true, cell: used },
        { title: "Made", cell: ({ createdAt }) => <Ago at={createdAt} zone={zone()} /> },
        {
          title: "",
          cell: ({ id }) =>
            mayEdit() && (
              <button
                type="button"
                class="second"
                onClick={async () => {
                  if (await attempt(() => ok(client.POST("/v1/provider/coupons/{id}/restore", { params: { path: { id } }, body: {} })), "Restored.")) await rows.load();
                }}
              >
                Restore
              </button>
            ),
        },
      ]}
    />
  );
}

export default function Coupons(): VNode {
  return (
    <>
      <Heading title="Coupons" intro="Promotion codes, worth a percentage or a fixed amount." />
      <Tabs label="Coupons" tabs={[["In use", () => <Live />], ["Trash", () => <Trash />]]} />
    </>
  );
}
