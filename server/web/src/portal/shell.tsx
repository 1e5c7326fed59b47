// What stands around every page: navigation, the bell, who is signed in.

import { signal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useLocation } from "preact-iso";

import { Questions } from "../ui/dialog";
import { Menu } from "../ui/menu";
import { Palette, paletteOpen, type Entry } from "../ui/palette";
import { client, ok } from "../ui/problem";
import { attempt, Toasts } from "../ui/toast";
import { routes, type PageRoute } from "./routes";
import { atLeast, mayEdit, session } from "./session";

export const unread = signal(0);
export async function countUnread(): Promise<void> {
  if (!atLeast("STAFF")) return;
  try {
    unread.value = (await ok(client.GET("/v1/provider/notifications", { params: { query: { limit: 1 } } }))).unreadCount;
  } catch {
    // The next look may find out.
  }
}

export async function signOut(): Promise<void> {
  if (await attempt(() => ok(client.DELETE("/v1/auth/session")))) session.value = null;
}

const open = signal(false);
const shown = (): PageRoute[] => routes.filter(({ group, least }) => group !== undefined && atLeast(least));

function Nav({ path }: { path: string }): VNode {
  const groups = [...new Set(shown().map(({ group }) => group))];
  return (
    <nav id="nav" class={open.value ? "open" : ""} aria-label="Portal">
      {groups.map((group) => (
        <div key={group}>
          {group && <h2>{group}</h2>}
          <ul>
            {shown()
              .filter((one) => one.group === group)
              .map((one) => {
                const here = path === one.path || (one.path !== "/provider" && path.startsWith(`${one.path}/`));
                return (
                  <li key={one.path}>
                    <a href={one.path} aria-current={here ? "page" : undefined}>
                      {one.title}
                    </a>
                  </li>
                );
              })}
          </ul>
        </div>
      ))}
    </nav>
  );
}

export function Shell({ children }: { children: ComponentChildren }): VNode {
  const { path, route } = useLocation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const { member, tenant, storefrontUrl } = session.value!;
  useEffect(() => {
    void countUnread();
    const timer = setInterval(() => document.visibilityState === "visible" && void countUnread(), 60_000);
    return () => clearInterval(timer);
  }, []);
  // Whoever listens to a page hears that it is another.
  useEffect(() => {
    open.value = false;
    if (first.current) first.current = false;
    else main.current?.focus();
  }, [path]);
  const entries = (): Entry[] => [
    ...routes.filter(({ path, least }) => !path.includes(":") && atLeast(least)).map((one) => ({ label: one.title, group: one.group ?? "", also: one.also ?? "", act: () => route(one.path) })),
    ...(mayEdit() ? [{ label: "New offering", group: "Sell", also: "create add", act: () => route("/provider/offerings/new") }] : []),
    { label: "Open the storefront", group: storefrontUrl, act: () => void window.open(storefrontUrl, "_blank", "noopener") },
    { label: "Sign out", group: "", act: () => void signOut() },
  ];
  return (
    <div class="portal">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar">
        <button type="button" class="plain burger" aria-expanded={open.value} aria-controls="nav" onClick={() => (open.value = !open.value)}>
          <span aria-hidden="true">☰</span>
          <span class="sr">Navigation</span>
        </button>
        <a class="brand" href="/provider">
          <span class="mark" aria-hidden="true">
            {tenant.name.trim().charAt(0).toUpperCase()}
          </span>
          <span>{tenant.name}</span>
        </a>
        <button type="button" class="jump" onClick={() => (paletteOpen.value = true)}>
          Go to … <kbd>Ctrl K</kbd>
        </button>
        <span class="right">
          <a class="shop" href={storefrontUrl} target="_blank" rel="noopener">
            Storefront
          </a>
          {atLeast("STAFF") && (
            <a class="bell" href="/provider/notifications">
              <span class="sr">Notifications</span>
              <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                <path fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" d="M10 2.500a5 5 0 0 1 5 5v3.500l1.500 3h-13l1.500-3V7.500a5 5 0 0 1 5-5zM8 16.500a2 2 0 0 0 4 0" />
              </svg>
              {unread.value > 0 && <span class="dot">
                  {unread.value > 99 ? "99+" : unread.value}
                  <span class="sr"> unread</span>
                </span>}
            </a>
          )}
          <Menu
            label={`Account of ${member.name}`}
            actions={[
              { label: "Your account", act: () => route("/provider/account") },
              { label: "Sign out", act: () => void signOut() },
            ]}
          >
            <span class="avatar" aria-hidden="true">
              {(member.name || member.email).charAt(0).toUpperCase()}
            </span>
          </Menu>
        </span>
      </header>
      <Nav path={path} />
      <main id="main" ref={main} tabIndex={-1}>
        {!member.emailVerified && (
          <p class="note wait">
            Confirm your address by the link that was mailed to {member.email}
            {tenant.status === "PENDING" ? "; until then your storefront is closed." : "."}{" "}
            <button type="button" class="plain" onClick={() => void attempt(() => ok(client.POST("/v1/auth/email-verifications/resend", { body: {} })), "A mail is on its way.")}>
              Send it again
            </button>
          </p>
        )}
        {member.emailVerified && tenant.status === "PENDING" && <p class="note wait">Your storefront opens once the platform has approved your business. Set everything up meanwhile.</p>}
        {tenant.status === "CLOSED" && <p class="note bad">This business is closed. Ask the platform's operator to open it again.</p>}
        {tenant.status === "SUSPENDED" && <p class="note bad">This business is suspended. Ask the platform's operator.</p>}
        {children}
      </main>
      <Palette entries={entries} />
      <Questions />
      <Toasts />
    </div>
  );
}
