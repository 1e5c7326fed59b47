// The provider portal: everything below /provider.

import { render, type VNode } from "preact";
import { useEffect } from "preact/hooks";
import { ErrorBoundary, LocationProvider, Route, Router, useLocation } from "preact-iso";

import { Empty, page, Skeleton } from "../ui/load";
import { Toasts } from "../ui/toast";
import { routes } from "./routes";
import { atLeast, findSession, session } from "./session";
import { Shell } from "./shell";

const Door = page(() => import("./pages/door"));
const doors = ["/provider/sign-in", "/provider/sign-up", "/provider/forgot", "/provider/reset", "/provider/verify", "/provider/join"];

function NotHere(): VNode {
  return (
    <Empty page title="This page is not here">
      <p>
        It may have moved. <a href="/provider">Go home</a>
      </p>
    </Empty>
  );
}

function NotAllowed(): VNode {
  return (
    <Empty page title="This is not for your role">
      <p>Ask an owner of the business if you need it.</p>
    </Empty>
  );
}

/** What customers see is at the storefront; members who are CLIENTs have nothing more here than their account. */
function ForClients(): VNode {
  const { storefrontUrl, tenant } = session.value!;
  return (
    <Empty page title={`Welcome to ${tenant.name}`}>
      <p>
        Your bookings are at the storefront. <a href={`${storefrontUrl}/bookings`}>See your bookings</a>
      </p>
    </Empty>
  );
}

function App(): VNode {
  const { path, url, route } = useLocation();
  const who = session.value;
  const atDoor = doors.includes(path);
  useEffect(() => {
    if (who === null && !atDoor) route(`/provider/sign-in?next=${encodeURIComponent(url)}`, true);
  }, [who, atDoor]);
  const title = routes.find((one) => one.path === path)?.title;
  useEffect(() => {
    document.title = [title, who?.tenant.name ?? "Orkestr"].filter(Boolean).join(" · ");
  }, [title, who]);
  if (atDoor)
    return (
      <ErrorBoundary>
        <Door />
        <Toasts />
      </ErrorBoundary>
    );
  if (!who) return <Skeleton />;
  return (
    <Shell>
      <ErrorBoundary>
        <Router>
          {routes.map(({ path, page, least }) => (
            <Route key={path} path={path} component={atLeast(least) ? page : who.member.role === "CLIENT" && path === "/provider" ? ForClients : NotAllowed} />
          ))}
          <Route default component={NotHere} />
        </Router>
      </ErrorBoundary>
    </Shell>
  );
}

const place = document.getElementById("app");
if (place) {
  void findSession();
  render(
    <LocationProvider scope="/provider">
      <App />
    </LocationProvider>,
    place,
  );
}
