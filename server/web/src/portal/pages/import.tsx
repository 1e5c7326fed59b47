// A catalogue from a table: it is looked at first, and written as a whole or not at all.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { Heading, State } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { Dialog } from "../../ui/dialog";
import { Empty, Show, useLoad } from "../../ui/load";
import { Menu } from "../../ui/menu";
import { client, ok, Problem, type Schemas, wordsOf } from "../../ui/problem";
import { Table, useRows } from "../../ui/table";
import { counted } from "../../words";
import { mayEdit, zone } from "../session";

type Import = Schemas["Import"];
type Fault = Import["faults"][number];

const most = 50 * 1024 * 1024;
const shownAtFirst = 20;

const send = (file: File, dryRun: boolean): Promise<Import> =>
  ok(
    client.POST("/v1/provider/imports", {
      params: { query: { dryRun, fileName: file.name.slice(0, 200) } },
      headers: { "Content-Type": "text/csv" },
      body: file as never,
      bodySerializer: (body: unknown) => body as Blob,
    }),
  );

function Faults({ found }: { found: Import }): VNode {
  const more = useSignal(false);
  const { faults, faultCount } = found;
  const shown: Fault[] = more.value ? faults : faults.slice(0, shownAtFirst);
  return (
    <>
      <p class="note bad" role="alert">
        {counted(faultCount, "thing")} in this table can’t be used. Mend {faultCount === 1 ? "it" : "them"}, then choose the file again. Nothing was written.
      </p>
      <div class="table">
        <table>
          <caption class="sr">What can’t be used</caption>
          <thead>
            <tr>
              <th scope="col" class="number">
                Row
              </th>
              <th scope="col">Column</th>
              <th scope="col">What is there</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ row, column, code, value, detail }, i) => (
              <tr key={i}>
                <td data-title="Row" class="number">
                  {row || "–"}
                </td>
                <td data-title="Column" class="main">
                  {column || <span class="quiet">{row ? "the row" : "the file"}</span>}
                </td>
                <td data-title="What is there">{value === "" ? <span class="quiet">nothing</span> : <code>{value}</code>}</td>
                <td data-title="What is wrong">{detail || code}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length < faults.length && (
          <p class="more">
            <button type="button" class="second" onClick={() => (more.value = true)}>
              Show all {faults.length}
            </button>
          </p>
        )}
      </div>
      {faults.length < faultCount && <p class="hint">The first {faults.length} are shown.</p>}
    </>
  );
}

const sums = ({ offerings, availabilityRules }: Import): string => `${counted(offerings, "offering")}${availabilityRules > 0 ? `, with ${counted(availabilityRules, "opening hour")}` : ""}`;

/** How far it is, asked every second until it is over. */
function Running({ begun, onEnd }: { begun: Import; onEnd: (ended: Import) => void }): VNode {
  const now = useSignal(begun);
  const lost = useSignal(false);
  useEffect(() => {
    let stopped = false;
    const look = async (): Promise<void> => {
      while (!stopped) {
        await new Promise((done) => setTimeout(done, 1000));
        try {
          now.value = await ok(client.GET("/v1/provider/imports/{id}", { params: { path: { id: begun.id } } }));
          lost.value = false;
        } catch {
          lost.value = true; // it goes on without being looked at
          continue;
        }
        if (!stopped && (now.value.status === "DONE" || now.value.status === "FAILED")) return onEnd(now.value);
      }
    };
    void look();
    return () => void (stopped = true);
  }, []);
  const { status, rows, rowsDone } = now.value;
  return (
    <>
      <p role="status">
        {status === "CHECKING" ? "Every row is looked at …" : `${rowsDone} of ${rows} rows are written …`} {lost.value && "The server can’t be reached just now; it works on."}
      </p>
      <progress max={Math.max(rows, 1)} value={status === "CHECKING" ? undefined : rowsDone} aria-label="How far it is" />
      <p class="hint">You may leave this page. All of it is written, or nothing.</p>
    </>
  );
}

type Step =
  | { at: "choose"; words?: string }
  | { at: "sending"; file: File; dryRun: boolean }
  | { at: "checked"; file: File; found: Import }
  | { at: "running"; file: File; found: Import }
  | { at: "ended"; file: File; found: Import };

function Choose({ words, take }: { words: string | undefined; take: (file: File) => void }): VNode {
  const id = useId();
  const over = useSignal(false);
  return (
    <div
      class={over.value ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        const file = event.dataTransfer?.files[0];
        if (file) take(file);
      }}
    >
      <div class="field">
        <label for={id}>Your table, as CSV</label>
        <input
          id={id}
          type="file"
          accept=".csv,text/csv"
          aria-describedby={`${id}-hint${words ? ` ${id}-fault` : ""}`}
          aria-invalid={words ? "true" : undefined}
          onChange={(e) => {
            const file = e.currentTarget.files?.[0];
            if (file) take(file);
            e.currentTarget.value = "";
          }}
        />
        <p class="hint" id={`${id}-hint`}>
          Or drop it here. It is only looked at; you decide afterwards.
        </p>
        {words && (
          <p class="fault" id={`${id}-fault`} role="alert">
            {words}
          </p>
        )}
      </div>
    </div>
  );
}

function Work({ onDone }: { onDone: () => void }): VNode {
  const step = useSignal<Step>({ at: "choose" });
  const now = step.value;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (now.at === "checked" || now.at === "ended") title.current?.focus();
  }, [now.at]);
  const ask = async (file: File, dryRun: boolean): Promise<void> => {
    if (file.size > most) return void (step.value = { at: "choose", words: "The file is larger than 50 MB. Divide it, and send one after the other." });
    step.value = { at: "sending", file, dryRun };
    try {
      const found = await send(file, dryRun);
      const over = found.status === "DONE" || found.status === "FAILED";
      step.value = { at: dryRun ? "checked" : over ? "ended" : "running", file, found };
      if (!dryRun) onDone();
    } catch (error) {
      // A file can't be read any more once it was changed after it was chosen.
      const words = error instanceof Problem && error.status === 0 ? `${wordsOf(error)} If the file was changed meanwhile, choose it again.` : wordsOf(error);
      step.value = { at: "choose", words };
    }
  };
  const again = (
    <button type="button" class="second" onClick={() => (step.value = { at: "choose" })}>
      Choose another file
    </button>
  );
  return (
    <section class="card" aria-busy={now.at === "sending"}>
      <h2 ref={title} tabIndex={-1}>
        {now.at === "choose" ? "Choose a file" : now.file.name}
      </h2>
      {now.at === "choose" && <Choose words={now.words} take={(file) => void ask(file, true)} />}
      {now.at === "sending" && (
        <>
          <p role="status">{now.dryRun ? "Every cell is looked at …" : "It is sent …"}</p>
          <progress aria-label="It is looked at" />
        </>
      )}
      {now.at === "checked" && now.found.faultCount > 0 && (
        <>
          <Faults found={now.found} />
          <footer>{again}</footer>
        </>
      )}
      {now.at === "checked" && now.found.faultCount === 0 && (
        <>
          <p class="note" role="status">
            All {counted(now.found.rows, "row")} can be used: <strong>{sums(now.found)}</strong>. The offerings become drafts, which nobody else sees until you publish them.
          </p>
          <footer>
            {again}
            <button type="button" disabled={now.found.offerings === 0} onClick={() => void ask(now.file, false)}>
              Import {counted(now.found.offerings, "offering")}
            </button>
          </footer>
        </>
      )}
      {now.at === "running" && (
        <Running
          begun={now.found}
          onEnd={(found) => {
            step.value = { at: "ended", file: now.file, found };
            onDone();
          }}
        />
      )}
      {now.at === "ended" && (
        <>
          {now.found.status === "DONE" ? (
            <p class="note" role="status">
              Written: {sums(now.found)}. <a href="/provider/offerings?status=DRAFT">Look at the drafts, and publish them</a>
            </p>
          ) : now.found.faultCount > 0 ? (
            <Faults found={now.found} />
          ) : (
            <p class="note bad" role="alert">
              It could not be written, and nothing of it was. Try it again in a moment.
            </p>
          )}
          <footer>{again}</footer>
        </>
      )}
    </section>
  );
}

const states: Record<Import["status"], readonly [string, string]> = {
  CHECKING: ["PENDING", "Being looked at"],
  WRITING: ["PENDING", "Being written"],
  DONE: ["SUCCEEDED", "Written"],
  FAILED: ["FAILED", "Refused"],
};

/** What was wrong with one of them; lists leave it out. */
function Earlier({ id, onClose }: { id: string; onClose: () => void }): VNode {
  const found = useLoad(() => ok(client.GET("/v1/provider/imports/{id}", { params: { path: { id } } })), [id]);
  return (
    <Dialog title="What was wrong" wide onClose={onClose}>
      <Show of={found}>{(one) => <Faults found={one} />}</Show>
    </Dialog>
  );
}

export default function ImportPage(): VNode {
  const looking = useSignal("");
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/imports", { params: { query: { ...(cursor && { cursor }) } } })));
  return (
    <>
      <Heading title="Import" intro="Bring a whole catalogue, with its opening hours, from a table.">
        <a class="button second" href="/provider/import/template.csv" download="orkestr-template.csv">
          Download the template
        </a>
      </Heading>
      {mayEdit() ? <Work onDone={() => void rows.load()} /> : <p class="note">Admins of the business import. You see what was imported.</p>}
      <Table<Import>
        caption="What was imported"
        rows={rows}
        idOf={({ id }) => id}
        empty={
          <Empty title="Nothing was imported yet">
            <p>Download the template, fill in a row for each offering, and choose the file above.</p>
          </Empty>
        }
        columns={[
          { title: "What", main: true, cell: (one) => one.fileName || sums(one) },
          { title: "State", cell: ({ status, dryRun }) => (dryRun ? <State of={status === "FAILED" ? "FAILED" : ""} words="Only looked at" /> : <State of={states[status][0]} words={states[status][1]} />) },
          { title: "Rows", number: true, cell: ({ rows }) => rows },
          { title: "Faults", number: true, cell: ({ faultCount }) => faultCount },
          { title: "When", cell: ({ createdAt }) => <Ago at={createdAt} zone={zone()} /> },
          { title: "", cell: (one) => one.faultCount > 0 && <Menu label={`Actions for ${one.fileName || "this import"}`} actions={[{ label: "What was wrong", act: () => (looking.value = one.id) }]} /> },
        ]}
      />
      {looking.value && <Earlier id={looking.value} onClose={() => (looking.value = "")} />}
    </>
  );
}
