// When things can be booked: a week of opening hours, days that differ, and the times that come of both.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useLocation } from "preact-iso";

import { Heading } from "../../ui/bits";
import { Field } from "../../ui/form";
import { Empty, everything, Show, useLoad } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";
import { Exceptions } from "../exceptions";
import { Resulting } from "../resulting";
import { mayEdit } from "../session";
import { WeekGrid } from "../week-grid";

function Of({ offering }: { offering: Schemas["Offering"] }): VNode {
  const { id } = offering;
  const rules = useLoad(() => everything((query) => ok(client.GET("/v1/provider/offerings/{id}/availability/rules", { params: { path: { id }, query } }))), [id]);
  const exceptions = useLoad(() => everything((query) => ok(client.GET("/v1/provider/offerings/{id}/availability/exceptions", { params: { path: { id }, query } }))), [id]);
  return (
    <>
      <section class="card">
        <h2>Every week</h2>
        <Show of={rules}>{(all) => <WeekGrid offering={offering} rules={all} again={rules.again} />}</Show>
      </section>
      <section class="card">
        <h2>Days that differ</h2>
        <Show of={exceptions}>{(all) => <Exceptions offering={offering} exceptions={all} again={exceptions.again} />}</Show>
      </section>
      <section class="card">
        <h2>What can be booked</h2>
        <Resulting offering={offering} about={[rules.data, exceptions.data]} />
      </section>
    </>
  );
}

export default function Availability(): VNode {
  const { query, route, path } = useLocation();
  const chosen = useSignal("");
  const wanted = chosen.value || query["offering"];
  const offerings = useLoad(async () => {
    const all = (await everything((page) => ok(client.GET("/v1/api/offerings", { params: { query: { status: "ALL", ...page } } })))).filter(({ id, status }) => status !== "ARCHIVED" || id === wanted);
    // The one that was asked for is shown, or nothing: never the hours of another.
    if (wanted && !all.some(({ id }) => id === wanted)) all.unshift(await ok(client.GET("/v1/api/offerings/{id}", { params: { path: { id: wanted } } })));
    return all;
  });
  return (
    <>
      <Heading title="Availability" intro="Opening hours by the week, holidays and special days, offering by offering." />
      <Show of={offerings}>
        {(all) => {
          const offering = wanted ? all.find(({ id }) => id === wanted) : all[0];
          if (!offering)
            return (
              <Empty title="Nothing can be booked yet">
                <p>{mayEdit() ? <a href="/provider/offerings/new">Make an offering first</a> : "There are no offerings."}</p>
              </Empty>
            );
          return (
            <>
              <Field label="Offering">
                {(bound) => (
                  <select
                    {...bound}
                    value={offering.id}
                    onChange={(e) => {
                      chosen.value = e.currentTarget.value;
                      route(`${path}?offering=${e.currentTarget.value}`, true);
                    }}
                  >
                    {all.map(({ id, title }) => (
                      <option key={id} value={id}>
                        {title}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
              <Of key={offering.id} offering={offering} />
            </>
          );
        }}
      </Show>
    </>
  );
}
