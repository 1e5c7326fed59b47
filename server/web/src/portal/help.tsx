// What the assistant has to say on an offering: a price, with its reasons, and the description in short.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Copy } from "../ui/bits";
import { money } from "../ui/money";
import { client, ok, type Schemas } from "../ui/problem";
import { attempt } from "../ui/toast";

type Suggested = Schemas["OfferingPriceSuggestion"];

/** @param currency  in which a price that is liked can be taken */
export function PriceHelp({ id, currency, take }: { id: string; currency: string; take: (cents: number) => void }): VNode {
  const found = useSignal<Suggested | null>(null);
  const suggestion = found.value?.suggestion;
  return (
    <div class="help">
      <button type="button" class="second" onClick={() => void attempt(async () => (found.value = await ok(client.GET("/v1/provider/offerings/{id}/price-suggestion", { params: { path: { id } } }))))}>
        Suggest a price
      </button>
      <div role="status">
        {found.value && !suggestion && <p class="note">You have fewer than three comparable offerings, so there is nothing to go by.</p>}
        {suggestion && (
          <div class="note">
            <p>
              <strong>{money(suggestion.suggestedCents, suggestion.currency)}</strong>, of a usual {money(suggestion.lowCents, suggestion.currency)} to {money(suggestion.highCents, suggestion.currency)}.{" "}
              {currency === suggestion.currency && (
                <button type="button" class="plain" onClick={() => take(suggestion.suggestedCents)}>
                  Use it
                </button>
              )}
            </p>
            <ul>
              {suggestion.reasons.map(({ kind, text }) => (
                <li key={kind}>{text}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </div>
  );
}

export function SummaryHelp({ id }: { id: string }): VNode {
  const found = useSignal<string | null>(null);
  return (
    <div class="help">
      <button type="button" class="second" onClick={() => void attempt(async () => (found.value = (await ok(client.GET("/v1/provider/offerings/{id}/summary", { params: { path: { id } } }))).summary))}>
        Summarise the description
      </button>
      <div role="status">
        {found.value === "" && <p class="note">There is no description yet.</p>}
        {found.value && (
          <p class="note">
            {found.value} <Copy text={found.value} />
          </p>
        )}
      </div>
    </div>
  );
}
