// The console of the platform's admins: everything below /admin.

import { signal } from "@preact/signals";
import { render, type ComponentChildren, type VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ErrorBoundary, LocationProvider, Route, Router, useLocation } from "preact-iso";

import { Questions } from "../ui/dialog";
import { Send, sending, Text, Trouble, useForm } from "../ui/form";
import { Empty, page as loaded, Skeleton } from "../ui/load";
import { Palette, type Entry } from "../ui/palette";
import { client, ok, onGone, type Schemas } from "../ui/problem";
import { attempt, Toasts } from "../ui/toast";

const who = signal<Schemas["AdminSession"] | null | undefined>(undefined);
onGone(() => {
  if (who.value) who.value = null;
});

const pages = [
  { path: "/admin", title: "Verification", page: loaded(() => import("./kyb")) },
  { path: "/admin/disputes", title: "Disputes", page: loaded(() => import("./disputes")) },
  { path: "/admin/risk", title: "Risk", page: loaded(() => import("./risk")) },
  { path: "/admin/tenants", title: "Businesses", page: loaded(() => import("./tenants")) },
  { path: "/admin/audit", title: "Log", page: loaded(() => import("./actions")) },
] as const;
const details = [
  { path: "/admin/kyb/:tenant/:id", page: loaded(() => import("./submission")) },
  { path: "/admin/disputes/:tenant/:id", page: loaded(() => import("./dispute")) },
] as const;

function SignIn(): VNode {
  const form = useForm({ token: "" });
  return (
    <main id="main" class="door">
      <p class="logo">Orkestr</p>
      <section>
        <h1>Console</h1>
        <form
          onSubmit={sending(() =>
            form.send(async ({ token }) => {
              who.value = await ok(client.POST("/v1/admin/sessions", { body: { token: token.trim() } }));
            }),
          )}
        >
          <Text form={form} name="token" label="Token" type="password" required mono hint="Of an admin of the platform: orkestr-server admin create makes one." />
          <Trouble form={form} />
          <Send form={form} label="Sign in" />
        </form>
      </section>
    </main>
  );
}

async function signOut(): Promise<void> {
  if (await attempt(() => ok(client.DELETE("/v1/admin/session")))) who.value = null;
}

function Shell({ children }: { children: ComponentChildren }): VNode {
  const { path, route } = useLocation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus();
    document.title = `${pages.find((one) => one.path === path)?.title ?? "Console"} · Orkestr`;
  }, [path]);
  const entries = (): Entry[] => [
    ...pages.map(({ path, title }) => ({ label: title, group: "", act: () => route(path) })),
    { label: "Sign out", group: "", act: () => void signOut() },
  ];
  return (
    <div class="portal console">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href="/admin">
          <span class="mark" aria-hidden="true">
            O
          </span>
          <span>Console</span>
        </a>
        <nav aria-label="Console" class="top">
          <ul>
            {pages.map((one) => (
              <li key={one.path}>
                <a href={one.path} aria-current={path === one.path || (one.path !== "/admin" && path.startsWith(`${one.path}/`)) ? "page" : undefined}>
                  {one.title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <span class="right">
          <span class="quiet wide-only">{who.value?.admin.name}</span>
          <button type="button" class="plain" onClick={() => void signOut()}>
            Sign out
          </button>
        </span>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      <Palette entries={entries} />
      <Questions />
    </div>
  );
}

function App(): VNode {
  if (who.value === undefined) return <Skeleton />;
  return (
    <>
      {who.value === null ? (
        <SignIn />
      ) : (
        <Shell>
          <ErrorBoundary>
            <Router>
              {[...pages, ...details].map(({ path, page }) => (
                <Route key={path} path={path} component={page} />
              ))}
              <Route default component={() => <Empty page title="This page is not here" />} />
            </Router>
          </ErrorBoundary>
        </Shell>
      )}
      <Toasts />
    </>
  );
}

const place = document.getElementById("app");
if (place) {
  if ("session" in document.body.dataset)
    ok(client.GET("/v1/admin/session")).then(
      (session) => (who.value = session),
      () => (who.value = null),
    );
  else who.value = null; // the server has seen no cookie
  render(
    <LocationProvider scope="/admin">
      <App />
    </LocationProvider>,
    place,
  );
}
