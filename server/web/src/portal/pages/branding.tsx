// How the storefront looks, and what it says on top.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Heading } from "../../ui/bits";
import { Moment, zones } from "../../ui/dates";
import { Choice, Send, sending, Text, Trouble, useForm, type Form } from "../../ui/form";
import { everything, Show, useLoad } from "../../ui/load";
import { currencies } from "../../ui/money";
import { client, ok, unchanged, type Schemas } from "../../ui/problem";
import { say } from "../../ui/toast";
import { textOn } from "../../contrast";
import { findSession, mayEdit, session } from "../session";

type Brand = Schemas["Branding"];
type Badge = Brand["saleBadges"][number];

interface Draft {
  name: string;
  tagline: string;
  logoUrl: string;
  brandColor: string;
  template: Brand["template"];
  displayCurrency: string;
  timeZone: string;
  locale: string;
  text: string;
  linkUrl: string;
  validFrom: string | null;
  validUntil: string | null;
  saleBadges: Badge[];
}

const draftOf = (brand: Brand): Draft => ({
  name: brand.name,
  tagline: brand.tagline ?? "",
  logoUrl: brand.logoUrl ?? "",
  brandColor: brand.brandColor ?? "",
  template: brand.template,
  displayCurrency: brand.displayCurrency,
  timeZone: brand.timeZone,
  locale: brand.locale,
  text: brand.announcement?.text ?? "",
  linkUrl: brand.announcement?.linkUrl ?? "",
  validFrom: brand.announcement?.validFrom ?? null,
  validUntil: brand.announcement?.validUntil ?? null,
  saleBadges: brand.saleBadges,
});

const bodyOf = ({ tagline, logoUrl, brandColor, text, linkUrl, validFrom, validUntil, ...rest }: Draft): Schemas["BrandingPatch"] =>
  ({
    ...rest,
    tagline: tagline || null,
    logoUrl: logoUrl || null,
    brandColor: brandColor || null,
    announcement: text ? { text, linkUrl: linkUrl || null, validFrom, validUntil } : null,
  }) as Schemas["BrandingPatch"];

/** A storefront in small, in the colour that is chosen. */
function Preview({ form }: { form: Form<Draft> }): VNode {
  const { name, tagline, brandColor, text, logoUrl, template } = form.values.value;
  const box = useRef<HTMLDivElement>(null);
  const colour = /^#[0-9a-f]{6}$/i.test(brandColor) ? brandColor : "#0b5fad";
  useEffect(() => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
    box.current?.style.setProperty("--shop", colour);
    box.current?.style.setProperty("--on-shop", textOn(r, g, b));
  }, [colour]);
  return (
    <div ref={box} class={`shop-preview ${template.toLowerCase()}`} aria-hidden="true">
      {text && <p class="announce">{text}</p>}
      <div class="head">
        {logoUrl.startsWith("https://") ? <img src={logoUrl} alt="" width={32} height={32} /> : <span class="mark">{name.charAt(0).toUpperCase()}</span>}
        <strong>{name}</strong>
      </div>
      <p>{tagline || `Book with ${name}`}</p>
      <div class="things">
        {[0, 1, 2].map((i) => (
          <span key={i} />
        ))}
      </div>
      <span class="book">Book</span>
    </div>
  );
}

function Badges({ form }: { form: Form<Draft> }): VNode {
  const offerings = useLoad(() => everything((page) => ok(client.GET("/v1/api/offerings", { params: { query: page } }))));
  const badges = form.get("saleBadges");
  const set = (next: Badge[]): void => form.set("saleBadges", next);
  const change = (i: number, part: Partial<Badge>): void => set(badges.map((one, j) => (i === j ? { ...one, ...part } : one)));
  return (
    <fieldset>
      <legend>Sale badges</legend>
      <Show of={offerings} rows={1}>
        {(all) => (
          <>
            {badges.map((badge, i) => (
              <div class="row tier" key={i}>
                <div class="field">
                  <label for={`badge-${i}`}>Badge {i + 1}</label>
                  <input id={`badge-${i}`} maxLength={24} value={badge.label} onInput={(e) => change(i, { label: e.currentTarget.value })} />
                  {form.faults.value[`/saleBadges/${i}/label`] && <p class="fault">{form.faults.value[`/saleBadges/${i}/label`]}</p>}
                </div>
                <div class="field">
                  <label for={`badge-${i}-of`}>On</label>
                  <select id={`badge-${i}-of`} value={badge.offeringIds[0] ?? ""} onChange={(e) => change(i, { offeringIds: e.currentTarget.value ? [e.currentTarget.value] : [] })}>
                    <option value="">Choose an offering</option>
                    {all.map(({ id, title }) => (
                      <option key={id} value={id}>
                        {title}
                      </option>
                    ))}
                  </select>
                </div>
                <button type="button" class="plain" aria-label={`Take badge ${i + 1} away`} onClick={() => set(badges.filter((_, j) => i !== j))}>
                  ×
                </button>
              </div>
            ))}
            <button type="button" class="second" onClick={() => set([...badges, { label: "Sale", offeringIds: [], validFrom: null, validUntil: null }])}>
              Add a badge
            </button>
          </>
        )}
      </Show>
    </fieldset>
  );
}

function Editor({ brand, again }: { brand: Brand; again: () => Promise<void> }): VNode {
  const form = useForm(() => draftOf(brand), [brand]);
  const zone = session.value!.tenant.timeZone;
  return (
    <form
      onSubmit={sending(async () => {
        if (!(await form.send((draft) => ok(client.PATCH("/v1/provider/branding", { headers: unchanged(brand), body: bodyOf(draft) }))))) return;
        say("Saved. Your storefront shows it at once.");
        await Promise.all([again(), findSession()]);
      })}
    >
      <div class="columns">
        <div>
          <fieldset class="bare" disabled={!mayEdit()}>
            <section class="card">
              <h2>Brand</h2>
              <Text form={form} name="name" label="Name" required />
              <Text form={form} name="tagline" label="Tagline" />
              <Text form={form} name="logoUrl" label="Logo" type="url" placeholder="https://…" />
              <div class="row">
                <Text form={form} name="brandColor" label="Colour" placeholder="#0F766E" hint="Text on it is black or white, whichever can be read." />
                <Choice form={form} name="template" label="Look" options={[["CLASSIC", "Classic"], ["GALLERY", "Gallery: large photos"], ["COMPACT", "Compact: a list"]]} />
              </div>
            </section>
            <section class="card">
              <h2>Announcement</h2>
              <Text form={form} name="text" label="Text" hint="Stands on top of every page; empty for none." />
              {form.get("text") && (
                <>
                  <Text form={form} name="linkUrl" label="Leads to" type="url" placeholder="https://…" />
                  <Moment form={form} name="validFrom" label="From" zone={zone} optional />
                  <Moment form={form} name="validUntil" label="Until" zone={zone} optional />
                </>
              )}
              <Badges form={form} />
            </section>
            <section class="card">
              <h2>Region</h2>
              <div class="row">
                <Choice form={form} name="displayCurrency" label="Currency" options={[...new Set([form.get("displayCurrency"), ...currencies])].map((code) => [code, code] as const)} />
                <Text form={form} name="locale" label="Language" hint="Such as en, de or pt-BR." />
              </div>
              <Choice form={form} name="timeZone" label="Time zone" options={zones(form.get("timeZone"))} />
            </section>
          </fieldset>
        </div>
        <section class="card still">
          <h2>Preview</h2>
          <Preview form={form} />
          <p class="hint">
            <a href={session.value!.storefrontUrl} target="_blank" rel="noopener">
              See your storefront
            </a>
          </p>
        </section>
      </div>
      <Trouble form={form} shown={["name", "tagline", "logoUrl", "brandColor", "template", "displayCurrency", "locale", "timeZone"]} />
      {mayEdit() && (
        <div class="sticky">
          <Send form={form} label="Save" />
        </div>
      )}
    </form>
  );
}

export default function Branding(): VNode {
  const brand = useLoad(() => ok(client.GET("/v1/provider/branding")));
  return (
    <>
      <Heading title="Branding" intro="Customers see your name and your colours, and hardly ours." />
      <Show of={brand} rows={8}>{(found) => <Editor brand={found} again={brand.again} />}</Show>
    </>
  );
}
