// The widget for the tenant's own site: what it looks like, and the line to paste.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Copy, Heading } from "../../ui/bits";
import { Choice, Lines, Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { everything, Show, useLoad } from "../../ui/load";
import { client, ok, unchanged } from "../../ui/problem";
import { say } from "../../ui/toast";
import { mayEdit, session } from "../session";

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

function Preview({ attributes }: { attributes: readonly (readonly [string, string])[] }): VNode {
  const place = useRef<HTMLDivElement>(null);
  const text = JSON.stringify(attributes);
  useEffect(() => {
    const script = document.createElement("script");
    for (const [name, value] of attributes) script.setAttribute(name, value);
    script.src = "/embed/v1/widget.js";
    place.current?.replaceChildren(script);
    return () => place.current?.replaceChildren();
  }, [text]);
  return <div ref={place} class="stage" role="group" aria-label="As it will look" />;
}

function Sites(): VNode {
  const brand = useLoad(() => ok(client.GET("/v1/provider/branding")));
  return (
    <Show of={brand} rows={2}>
      {(found) => {
        const form = useForm({ embedOrigins: found.embedOrigins as string[] }, [found]);
        return (
          <form
            onSubmit={sending(async () => {
              if (await form.send((body) => ok(client.PATCH("/v1/provider/branding", { headers: unchanged(found), body })))) {
                say("Saved.");
                await brand.again();
              }
            })}
          >
            <fieldset class="bare" disabled={!mayEdit()}>
              <Lines form={form} name="embedOrigins" label="Sites that may show it" placeholder="https://www.example.com" hint="One a line. On others it opens your storefront in a tab of its own." />
            </fieldset>
            <Trouble form={form} shown={["embedOrigins"]} />
            {mayEdit() && <Send form={form} label="Save" />}
          </form>
        );
      }}
    </Show>
  );
}

export default function Embed(): VNode {
  const { tenant, storefrontUrl } = session.value!;
  const offerings = useLoad(() => everything((page) => ok(client.GET("/v1/api/offerings", { params: { query: page } }))));
  const form = useForm({ offering: "", label: "Book now", color: "#0F172A", mode: "button", coupon: "" });
  const { offering, label, color, mode, coupon } = form.values.value;
  const attributes = [
    ["data-tenant", tenant.subdomain],
    ...(offering ? [["data-offering", offering] as const] : []),
    ["data-label", label],
    ["data-color", color],
    ...(mode !== "button" ? [["data-mode", mode] as const] : []),
    ...(coupon.trim() ? [["data-prefill-coupon", coupon.trim()] as const] : []),
  ] as (readonly [string, string])[];
  const snippet =
    `<script src="${location.origin}/embed/v1/widget.js" ${attributes.map(([name, value]) => `${name}="${escaped(value)}"`).join(" ")} async></script>\n` +
    `<noscript><a href="${storefrontUrl}${offering && `/o/${escaped(offering)}`}">${escaped(label)}</a></noscript>`;
  return (
    <>
      <Heading title="Widget" intro="One line on any page of yours, and customers book without leaving it." />
      <div class="columns">
        <section class="card">
          <h2>How it looks</h2>
          <Show of={offerings} rows={1}>
            {(all) => <Choice form={form} name="offering" label="Opens" options={[["", "All offerings"], ...all.map(({ slug, title }) => [slug, title] as const)]} />}
          </Show>
          <Text form={form} name="label" label="Label" />
          <div class="row">
            <Text form={form} name="color" label="Colour" type="color" />
            <Choice form={form} name="mode" label="Where" options={[["button", "A button where the line stands"], ["floating", "A button in the corner"], ["inline", "The pages themselves"]]} />
          </div>
          <Text form={form} name="coupon" label="Coupon" hint="Filled in at the checkout; it can be taken out there. Empty: none." />
        </section>
        <section class="card">
          <h2>Preview</h2>
          <Preview attributes={attributes} />
        </section>
      </div>
      <section class="card">
        <h2>
          The line to paste <Copy text={snippet} />
        </h2>
        <pre tabIndex={0} aria-label="The line to paste">
          <code>{snippet}</code>
        </pre>
      </section>
      <section class="card">
        <Sites />
      </section>
    </>
  );
}
