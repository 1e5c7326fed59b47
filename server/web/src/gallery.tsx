// Photos, one at a time over the page. Without this script a photo is a link to its file.

import { signal, type Signal } from "@preact/signals";
import { render } from "preact";

import { say } from "./catalogue";
import { ahead } from "./page";

interface Photo {
  url: string;
  alt: string;
}

function Viewer({ photos, at, title, close }: { photos: Photo[]; at: Signal<number>; title: string; close: () => void }) {
  const photo = photos[at.value] as Photo;
  const turn = (by: number): void => {
    at.value = (at.value + by + photos.length) % photos.length;
  };
  return (
    <div
      class="viewer"
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") turn(-ahead);
        else if (event.key === "ArrowRight") turn(ahead);
      }}
      onClick={(event) => event.target === event.currentTarget && close()}
    >
      <figure>
        <img key={photo.url} src={photo.url} alt={photo.alt} />
        <figcaption aria-live="polite">
          {photo.alt || title}{" "}
          <span class="count">
            {at.value + 1} / {photos.length}
          </span>
        </figcaption>
      </figure>
      {photos.length > 1 && (
        <>
          <button type="button" class="before" aria-label={say("live.photoBefore")} onClick={() => turn(-1)}>
            ‹
          </button>
          <button type="button" class="after" aria-label={say("live.photoNext")} onClick={() => turn(1)}>
            ›
          </button>
        </>
      )}
      <button type="button" class="close" aria-label={say("live.photosClose")} onClick={close}>
        ×
      </button>
    </div>
  );
}

export function startGallery(root: HTMLElement): void {
  const shots = [...root.querySelectorAll<HTMLAnchorElement>("a.shot")];
  const photos = shots.map((shot) => ({ url: shot.href, alt: shot.querySelector("img")?.alt ?? "" }));
  const title = root.dataset["title"] ?? "";
  const at = signal(0);
  let dialog: HTMLDialogElement | null = null;

  const open = (index: number): void => {
    at.value = index;
    if (!dialog) {
      const made = document.createElement("dialog");
      made.className = "lightbox";
      made.setAttribute("aria-label", say("live.photos", { title }));
      made.addEventListener("close", () => shots[at.value]?.focus());
      document.body.append(made);
      render(<Viewer photos={photos} at={at} title={title} close={() => made.close()} />, made);
      dialog = made;
    }
    dialog.showModal();
  };
  shots.forEach((shot, index) =>
    shot.addEventListener("click", (event) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(index);
    }),
  );
}
