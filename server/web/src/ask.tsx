// Questions about an offering, answered in place. Without this script the form's own page has the answer.

import { render, type ComponentChild } from "preact";
import { ask, Trouble, type Schemas } from "./api";
import { say } from "./catalogue";
import { tenant } from "./page";

type Answer = Schemas["AssistantAnswer"];

interface Places {
  /** Before the slug of an offering's page. */
  offerings: string;
  home: string;
}

function Said({ answer, places }: { answer: Answer; places: Places }) {
  const worded = answer.by !== "extractive";
  return (
    <>
      {answer.answer.split("\n").map((line, index) => (
        <p key={index}>{line}</p>
      ))}
      {answer.known ? (
        <ul class="sources small" aria-label={say("ask.sources")}>
          {answer.sources.map((source, index) => (
            <li key={index}>
              <a href={places.offerings + encodeURIComponent(source.slug)}>{source.title}</a>
              {worded && (
                <>
                  : <q>{source.quote}</q>
                </>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p>
          <a href={places.home}>{say("nav.toOthers")}</a>
        </p>
      )}
      {worded && answer.known && <p class="quiet small">{say("ask.worded")}</p>}
    </>
  );
}

function words(error: unknown): string {
  const code = error instanceof Trouble ? error.code : "";
  if (code === "rate_limited") return say("ask.many");
  if (code === "invalid_fields") return say("ask.length");
  return say("ask.failed");
}

export function startAsk(root: HTMLElement): void {
  const form = root.querySelector("form");
  const said = root.querySelector<HTMLElement>(".said");
  const input = form?.querySelector("input");
  if (!form || !said || !input) return;
  const places = { offerings: form.getAttribute("action")?.replace(/[^/]*\/ask(#.*)?$/, "") ?? "/o/", home: root.dataset["home"] ?? "/" };
  let latest = 0;
  let fresh = true;

  const show = (content: ComponentChild): void => {
    if (fresh) said.replaceChildren(); // what the server has written
    fresh = false;
    render(content, said);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = input.value.trim();
    if (!question) return;
    const turn = ++latest;
    said.setAttribute("aria-busy", "true");
    show(<p class="quiet">{say("ask.looking")}</p>);
    ask<Answer>(tenant, "/assistant", { question, offeringId: root.dataset["offering"] ?? "" })
      .then(
        (answer) => <Said answer={answer} places={places} />,
        (error: unknown) => <p class="bad">{words(error)}</p>,
      )
      .then((content) => {
        if (turn !== latest) return; // another was asked meanwhile
        said.removeAttribute("aria-busy");
        show(content);
      });
  });
}
