// The booking button for pages of others: one script tag, no dependency, no style of theirs, no cookie and no storage. What it shows is a
// frame of ours; the two speak by messages, each checked for who sent it and from where.

import { textOn } from "./contrast";
import { words, type Said } from "./widget-words";

interface Options {
  tenant?: string | undefined;
  offering?: string | undefined;
  [prefill: string]: string | undefined;
}
interface Message {
  orkestr: 1;
  id: string;
  type: string;
  height?: number;
}
interface Api {
  open(options?: Options): void;
  close(): void;
  on(event: string, does: (detail: Message) => void): void;
  off(event: string, does: (detail: Message) => void): void;
  /** A call from before the script was there: `(window.Orkestr = window.Orkestr || []).push(["open", {…}])`. */
  push(call: [name: "open" | "close" | "on" | "off", ...args: never[]]): void;
  /** Sets a script tag up; the second and later ones of a page are served by the first. */
  add(script: HTMLScriptElement): void;
}
declare global {
  interface Window {
    Orkestr?: Api | Parameters<Api["push"]>[0][];
  }
}

/** In the language that the tag asks for, else that of the page. */
function wordsOf(locale: string): Said {
  return words[locale] || words[locale.split("-")[0]!] || words["en"]!;
}

const rules = `
:host{all:initial;color-scheme:inherit}
*{box-sizing:border-box;font:16px/1.4 system-ui,sans-serif}
button{cursor:pointer;border:0;min-height:44px}
:focus-visible{outline:3px solid;outline-offset:2px}
.book{font-weight:600;padding:12px 20px;border-radius:10px}
.floating{position:fixed;inset-inline-end:20px;bottom:20px;z-index:2147483000;box-shadow:0 6px 24px #0005}
dialog{width:min(900px,100vw - 32px);max-width:none;max-height:none;padding:0;border:0;border-radius:16px;overflow:hidden;background:Canvas;color:CanvasText}
dialog::backdrop{background:#0b0d11b3}
.close{display:block;margin-inline-start:auto;width:48px;background:none;color:inherit;font-size:26px;outline-offset:-5px}
iframe{display:block;border:0;width:100%;height:420px}
dialog iframe{max-height:calc(100vh - 80px);max-height:calc(100dvh - 80px)}
p{margin:0;padding:16px 24px 40px}
a{color:inherit}
@media(max-width:480px){dialog{width:100vw;height:100dvh;margin:0;border-radius:0}dialog iframe{height:calc(100dvh - 44px)!important;max-height:none}}`;

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  fields: Partial<HTMLElementTagNameMap[Tag]>,
  label = "",
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), fields);
  if (label) element.setAttribute("aria-label", label);
  return element;
}

/** Styles of the page stay out, and ours need no leave of its policy. */
function shadowOf(host: HTMLElement): ShadowRoot {
  const shadow = host.attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    shadow.append(make("style", { textContent: rules })); // older than constructed sheets
  }
  return shadow;
}

function addressOf(origin: string, options: Options): string {
  const address = new URL(`/embed/v1/${encodeURIComponent(options.tenant || "")}/`, origin);
  if (options["locale"]) address.pathname += `in/${encodeURIComponent(options["locale"])}/`;
  if (options.offering) address.pathname += "o/" + encodeURIComponent(options.offering);
  for (const name of ["name", "email", "phone", "notes", "coupon"]) {
    const value = options[name];
    if (value) address.searchParams.set(name, value);
  }
  return address.href;
}

const heard = ["ready", "slot_selected", "booking_created", "booking_confirmed", "error"];
const receivers = new Set<(event: MessageEvent) => void>();
let closeOpen = (): void => {};
/** Dialogs that keep the page from scrolling: for a moment two, when one gives way to another. */
let locks = 0;
let overflow = "";

function emit(source: Element | null, type: string, detail: object): void {
  (source && source.isConnected ? source : document).dispatchEvent(new CustomEvent("orkestr:" + type, { bubbles: true, detail }));
}

/** A frame of ours in `place`. @returns whether it has done its work, or failed, so that the next one begins afresh */
function putFrame(place: ParentNode, source: Element | null, address: string, title: string, said: Said, close: () => void): () => boolean {
  const id = Math.random().toString(36).slice(2);
  const { origin } = new URL(address);
  // The name goes with the frame from page to page, and tells each of them whom it may speak to.
  const name = JSON.stringify({ orkestr: 1, id, origin: location.origin });
  const frame = make("iframe", { name, title, allow: "payment" });
  // Our pages may be framed by a site that isolates itself; the card form of a payment service in them may not, but in such a frame.
  if (self.crossOriginIsolated) frame.setAttribute("credentialless", "");
  frame.src = address;
  const told = new Set<string>();
  let ready = false;
  let spent = false;
  const fail = (): void => {
    const link = make("a", { href: address, target: "_blank", rel: "noopener", textContent: said[2] });
    const note = make("p", {});
    note.setAttribute("role", "alert");
    note.append(link);
    frame.replaceWith(note);
    receivers.delete(receive);
    spent = true;
    emit(source, "error", { type: "error", reason: "unavailable" });
  };
  let late = setTimeout(fail, 8000);
  // A page of ours speaks before it is complete; what is complete and silent is a browser's word that it may not be framed.
  frame.onload = () => {
    if (ready) return;
    clearTimeout(late);
    late = setTimeout(fail, 1500);
  };
  const receive = (event: MessageEvent): void => {
    const message = event.data as Message | null;
    if (!event.source || event.source !== frame.contentWindow || event.origin !== origin) return;
    if (!message || message.orkestr !== 1 || message.id !== id) return;
    const { type, height } = message;
    if (type === "resize" && height! > 0) frame.style.height = `${Math.min(height!, 20000)}px`;
    if (type === "close") close();
    if (type === "ready") {
      ready = true;
      clearTimeout(late);
    }
    // Pages that are drawn anew say the same again.
    const text = JSON.stringify(message);
    if (heard.indexOf(type) < 0 || told.has(text)) return;
    told.add(text);
    if (type === "booking_confirmed") spent = true;
    emit(source, type, message);
  };
  receivers.add(receive);
  place.append(frame);
  return () => {
    if (spent) receivers.delete(receive);
    return spent;
  };
}

interface Modal {
  prepare(): HTMLDialogElement;
  /** @param opener  who has the focus afterwards */
  open(opener: HTMLElement | null): void;
}

/** A dialog with a frame in it, which may be made before it is wanted, and keeps what was typed when it is closed. */
function modalOf(shadow: ShadowRoot, source: Element | null, address: string, title: string, said: Said): Modal {
  let made: HTMLDialogElement | null = null;
  const prepare = (): HTMLDialogElement => {
    if (made) return made;
    const dialog = make("dialog", {}, title);
    const close = (): void => dialog.close();
    dialog.append(make("button", { className: "close", type: "button", textContent: "×", onclick: close }, said[1]));
    dialog.onclick = (event) => {
      if (event.target === dialog) close(); // beside it
    };
    const isSpent = putFrame(dialog, source, address, title, said, close);
    dialog.onclose = () => {
      if (!--locks) document.documentElement.style.overflow = overflow;
      if (isSpent()) {
        dialog.remove();
        made = null;
      }
      emit(source, "close", { type: "close" });
    };
    shadow.append(dialog);
    return (made = dialog);
  };
  return {
    prepare,
    open(opener) {
      const dialog = prepare();
      if (dialog.open) return;
      closeOpen();
      closeOpen = () => dialog.close();
      const page = document.documentElement.style;
      if (!locks++) {
        overflow = page.overflow;
        page.overflow = "hidden";
      }
      dialog.showModal();
      dialog.addEventListener("close", () => opener && opener.focus(), { once: true });
    },
  };
}

function main(script: HTMLScriptElement | null): void {
  const known = window.Orkestr;
  if (known && "add" in known) {
    if (script) known.add(script);
    return;
  }
  let first: { origin: string; options: Options } | null = null;
  const wrapped = new Map<unknown, EventListener>();
  const opened = new Map<string, Modal>();

  const api: Api = {
    open(options) {
      if (!first) return;
      const all = { ...first.options, ...options };
      const said = wordsOf(all["locale"] || document.documentElement.lang);
      const address = addressOf(first.origin, all);
      let modal = opened.get(address);
      if (!modal) {
        const host = make("span", {});
        document.body.append(host);
        opened.set(address, (modal = modalOf(shadowOf(host), null, address, said[0], said)));
      }
      modal.open(document.activeElement as HTMLElement | null);
    },
    close: () => closeOpen(),
    on(event, does) {
      if (!wrapped.has(does)) wrapped.set(does, (heard) => does((heard as CustomEvent<Message>).detail));
      document.addEventListener("orkestr:" + event, wrapped.get(does)!);
    },
    off(event, does) {
      document.removeEventListener("orkestr:" + event, wrapped.get(does)!);
    },
    push([name, ...args]) {
      (api[name] as (...args: never[]) => void)(...args);
    },
    add(script) {
      const said = script.dataset;
      const { origin } = new URL(script.src);
      const options: Options = { tenant: said["tenant"], offering: said["offering"], locale: said["locale"] };
      for (const name of ["name", "email", "phone", "notes", "coupon"]) options[name] = said["prefill" + name[0]!.toUpperCase() + name.slice(1)];
      first = first || { origin, options };
      if (!options.tenant) return; // a page that opens it by itself

      const address = addressOf(origin, options);
      const own = wordsOf(options["locale"] || document.documentElement.lang);
      const label = said["label"] || own[0];
      const host = make("span", {});
      const shadow = shadowOf(host);
      if (document.body.contains(script)) script.after(host);
      else document.body.append(host);
      if (said["mode"] === "inline") {
        putFrame(shadow, script, address, label, own, () => {});
        return;
      }
      const button = make("button", { type: "button", className: "book " + said["mode"], textContent: label });
      shadow.append(button);
      button.style.backgroundColor = "#0F172A";
      button.style.backgroundColor = said["color"] || ""; // a colour that is none changes nothing
      const [red, green, blue] = getComputedStyle(button).backgroundColor.match(/[\d.]+/g)!.map(Number) as [number, number, number];
      button.style.color = textOn(red, green, blue);
      const modal = modalOf(shadow, script, address, label, own);
      button.onpointerenter = button.onfocus = () => void modal.prepare();
      button.onclick = () => modal.open(button);
    },
  };
  window.Orkestr = api;
  addEventListener("message", (event) => receivers.forEach((receive) => receive(event)));
  if (script) api.add(script);
  for (const call of known || []) api.push(call as Parameters<Api["push"]>[0]);
}

const script = document.currentScript as HTMLScriptElement | null;
if (document.body) main(script);
else addEventListener("DOMContentLoaded", () => main(script));
