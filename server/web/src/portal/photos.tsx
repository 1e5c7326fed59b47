// Photos by their addresses, with what they show for those who don't see them.

import type { VNode } from "preact";

import { Field, type Form } from "../ui/form";
import type { Schemas } from "../ui/problem";

interface Owner {
  photos: Schemas["Photo"][];
}

export function Photos({ form }: { form: Form<Owner & object> }): VNode {
  const photos = form.get("photos");
  const set = (next: Schemas["Photo"][]): void => form.set("photos", next);
  const move = (i: number, by: number): void => {
    const next = [...photos];
    const [one] = next.splice(i, 1);
    next.splice(i + by, 0, one!);
    set(next);
  };
  return (
    <fieldset class="photos">
      <legend>Photos</legend>
      {photos.map((photo, i) => (
        <div class="photo-row" key={i}>
          <img src={photo.url.startsWith("https://") ? photo.url : undefined} alt="" width={64} height={48} loading="lazy" />
          <Field label={`Address of photo ${i + 1}`} quiet fault={form.faults.value[`/photos/${i}/url`]}>
            {(bound) => <input {...bound} type="url" placeholder="https://…" value={photo.url} onInput={(e) => set(photos.map((one, j) => (i === j ? { ...one, url: e.currentTarget.value } : one)))} />}
          </Field>
          <Field label={`What photo ${i + 1} shows`} quiet fault={form.faults.value[`/photos/${i}/alt`]}>
            {(bound) => <input {...bound} placeholder="What it shows" value={photo.alt} onInput={(e) => set(photos.map((one, j) => (i === j ? { ...one, alt: e.currentTarget.value } : one)))} />}
          </Field>
          <span class="acts">
            <button type="button" class="plain" aria-label={`Photo ${i + 1} further up`} disabled={i === 0} onClick={() => move(i, -1)}>
              ↑
            </button>
            <button type="button" class="plain" aria-label={`Take photo ${i + 1} away`} onClick={() => set(photos.filter((_, j) => i !== j))}>
              ×
            </button>
          </span>
        </div>
      ))}
      <button type="button" class="second" onClick={() => set([...photos, { url: "", alt: "" }])}>
        Add a photo
      </button>
    </fieldset>
  );
}
