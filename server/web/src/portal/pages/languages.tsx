// The languages that customers read, and what is translated into each.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

import { Heading, State } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { confirmed, Dialog } from "../../ui/dialog";
import { Choice, Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Empty, everything, Show, useLoad } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";
import { Filters, Table, useFilters, useRows, type Filter } from "../../ui/table";
import { attempt, say } from "../../ui/toast";
import { kindWords, known, machineWords, nameOf, stateColours, stateWords } from "../languages";
import { mayEdit, session, zone } from "../session";

type Locale = Schemas["TenantLocale"];
type Row = Schemas["TranslationRow"];

function Add({ have, onClose, onDone }: { have: readonly string[]; onClose: () => void; onDone: () => void }): VNode {
  const left = known.filter((tag) => !have.includes(tag));
  const form = useForm({ chosen: left[0] ?? "", other: "" });
  const other = form.get("chosen") === "";
  return (
    <Dialog title="Add a language" onClose={onClose}>
      <form
        onSubmit={sending(async () => {
          if (!(await form.send(({ chosen, other }) => ok(client.POST("/v1/provider/locales", { body: { locale: chosen || other.trim() } }))))) return;
          say("Added. What you have written is being translated.");
          onDone();
        })}
      >
        <Choice form={form} name="chosen" label="Language" options={[...left.map((tag) => [tag, nameOf(tag)] as const), ["", "Another …"]]} />
        {other && <Text form={form} name="other" label="Code" required placeholder="pt-BR" hint="A BCP 47 code, such as pt-BR or zh-Hant." />}
        <Trouble form={form} shown={["chosen", "other"]} />
        <Send form={form} label="Add it" />
      </form>
    </Dialog>
  );
}

/** How far a language has come. */
function Progress({ of: { translator, pending, stale, failed, noTranslator } }: { of: Locale }): VNode {
  if (failed > 0) return <State of="FAILED" words={`${failed} could not be translated`} />;
  if (pending > 0) return <State of="PENDING" words={`${pending} on the way`} />;
  if (stale > 0) return <State of="PENDING" words={`${stale} to look at again`} />;
  if (noTranslator > 0) return <State of="" words={`${noTranslator} to write yourself`} />;
  return translator ? <State of="ACTIVE" words="Up to date" /> : <State of="" words="Written by you" />;
}

function Languages({ found, again }: { found: Schemas["TenantLocaleList"]; again: () => Promise<void> }): VNode {
  const adding = useSignal(false);
  const source = session.value!.tenant.locale;
  const all = found.data;
  const busy = all.some(({ pending }) => pending > 0);
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => document.visibilityState === "visible" && void again(), 3_000);
    return () => clearInterval(timer);
  }, [busy]);
  const remove = async (locale: string): Promise<void> => {
    if (!(await confirmed(`Take ${nameOf(locale)} away?`, "Customers read your own language instead. What you have written by hand is kept, in case you add it again.", "Take it away"))) return;
    if (await attempt(() => ok(client.DELETE("/v1/provider/locales/{locale}", { params: { path: { locale } } })), "It is not offered any more.")) await again();
  };
  return (
    <section class="card">
      <h2>Languages</h2>
      <table class="record">
        <caption class="sr">Languages</caption>
        <thead>
          <tr>
            <th scope="col">Language</th>
            <th scope="col">State</th>
            <th scope="col">Translated by</th>
            <th scope="col">
              <span class="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td data-title="Language">
              <strong>{nameOf(source)}</strong> <span class="quiet">{source}</span>
            </td>
            <td data-title="State">You write in it</td>
            <td data-title="Translated by">—</td>
            <td class="acts" />
          </tr>
          {all.map((one) => (
            <tr key={one.locale}>
              <td data-title="Language">
                <strong>{nameOf(one.locale)}</strong> <span class="quiet">{one.locale}</span>
              </td>
              <td data-title="State">
                <Progress of={one} />
              </td>
              <td data-title="Translated by">{one.translator ? machineWords(one.translator) : "Nobody here: write it yourself"}</td>
              <td class="acts">
                {mayEdit() && (
                  <button type="button" class="second" aria-label={`Take away ${nameOf(one.locale)}`} onClick={() => void remove(one.locale)}>
                    Take away
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {mayEdit() && (
        <footer>
          <button type="button" onClick={() => (adding.value = true)}>
            Add a language
          </button>
        </footer>
      )}
      {adding.value && (
        <Add
          have={[source, ...all.map(({ locale }) => locale)]}
          onClose={() => (adding.value = false)}
          onDone={() => {
            adding.value = false;
            void again();
          }}
        />
      )}
    </section>
  );
}

function Translations({ locales }: { locales: readonly Locale[] }): VNode {
  const filters: readonly Filter[] = [
    { name: "locale", label: "Language", options: locales.map(({ locale }) => [locale, nameOf(locale)] as const) },
    { name: "kind", label: "What", options: Object.entries(kindWords) },
    { name: "state", label: "State", options: Object.entries(stateWords) },
  ];
  const [values] = useFilters(filters);
  const offerings = useLoad(() => everything((page) => ok(client.GET("/v1/api/offerings", { params: { query: page } }))));
  const titles = new Map((offerings.data ?? []).map(({ id, title }) => [id, title]));
  const label = ({ kind, subjectId }: Row): string => (kind === "STOREFRONT" ? "Your storefront" : kind === "OFFERING" ? (titles.get(subjectId) ?? "An offering") : "A review");
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/translations", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })), [JSON.stringify(values)]);
  return (
    <>
      <h2>Translations</h2>
      <Filters filters={filters} />
      <Table<Row>
        caption="Translations"
        rows={rows}
        idOf={({ subjectId, locale }) => `${subjectId}-${locale}`}
        filtered={Object.keys(values).length > 0}
        empty={
          <Empty title="Nothing to translate yet">
            <p>Once you have written an offering, it stands here in every language.</p>
          </Empty>
        }
        columns={[
          { title: "Text", main: true, cell: (row) => <a href={`/provider/languages/${row.subjectId}/${row.locale}`}>{label(row)}</a> },
          { title: "What", cell: ({ kind }) => kindWords[kind] },
          { title: "Language", cell: ({ locale }) => nameOf(locale) },
          { title: "State", cell: ({ state }) => <State of={stateColours[state]} words={stateWords[state]} /> },
          { title: "Changed", cell: ({ updatedAt }) => <Ago at={updatedAt} zone={zone()} /> },
        ]}
      />
    </>
  );
}

export default function Page(): VNode {
  const found = useLoad(() => ok(client.GET("/v1/provider/locales")));
  return (
    <>
      <Heading title="Languages" intro="You write once; customers read it in theirs. Any text can be put right by hand, and stays as you wrote it." />
      <Show of={found} rows={4}>
        {(all) => (
          <>
            <Languages found={all} again={found.again} />
            {all.data.length > 0 && <Translations locales={all.data} />}
          </>
        )}
      </Show>
    </>
  );
}
