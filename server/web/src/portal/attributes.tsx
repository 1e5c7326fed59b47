// The attributes that a type of product has, each in the field that fits it.

import type { VNode } from "preact";

import { Field, type Form } from "../ui/form";
import type { Schemas } from "../ui/problem";

type Type = Schemas["ProductType"];
interface Owner {
  attributes: Schemas["Attributes"];
}

export function Attributes({ form, type }: { form: Form<Owner & object>; type: Type | undefined }): VNode | null {
  if (!type) return null;
  const all = form.get("attributes");
  const set = (key: string, value: Schemas["Attributes"][string] | undefined): void => {
    const { [key]: old, ...rest } = all;
    form.set("attributes", value === undefined || value === "" ? rest : { ...rest, [key]: value });
  };
  return (
    <details class="attributes" open={Object.keys(all).length > 0}>
      <summary>Attributes</summary>
      <div class="grid">
        {type.attributes.map(({ key, label, kind, options, min, max }) => {
          const value = all[key];
          return (
            <Field key={key} label={label} fault={form.faults.value[`/attributes/${key}`]} hint={kind === "TEXT_LIST" ? "Separated by commas." : undefined}>
              {(bound) =>
                kind === "BOOLEAN" ? (
                  <select {...bound} value={value === undefined ? "" : String(value)} onChange={(e) => set(key, e.currentTarget.value === "" ? undefined : e.currentTarget.value === "true")}>
                    <option value="">Not said</option>
                    <option value="true">Yes</option>
                    <option value="false">No</option>
                  </select>
                ) : options.length > 0 ? (
                  <select {...bound} value={String(value ?? "")} onChange={(e) => set(key, e.currentTarget.value)}>
                    <option value="">Not said</option>
                    {options.map((one) => (
                      <option key={one}>{one}</option>
                    ))}
                  </select>
                ) : kind === "INTEGER" || kind === "NUMBER" ? (
                  <input
                    {...bound}
                    type="number"
                    min={min ?? undefined}
                    max={max ?? undefined}
                    step={kind === "INTEGER" ? 1 : "any"}
                    value={typeof value === "number" ? value : ""}
                    onInput={(e) => set(key, e.currentTarget.value === "" ? undefined : Number(e.currentTarget.value))}
                  />
                ) : kind === "TEXT_LIST" ? (
                  <input
                    {...bound}
                    defaultValue={Array.isArray(value) ? value.join(", ") : ""}
                    onChange={(e) => {
                      const list = e.currentTarget.value.split(",").map((one) => one.trim()).filter(Boolean);
                      set(key, list.length > 0 ? list : undefined);
                    }}
                  />
                ) : (
                  <input {...bound} value={typeof value === "string" ? value : ""} onInput={(e) => set(key, e.currentTarget.value)} />
                )
              }
            </Field>
          );
        })}
      </div>
    </details>
  );
}
