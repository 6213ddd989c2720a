import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { sessionStatus } from "@/lib/session/session";
import { OpeningPage } from "./full-page-states";
import { LoginPage } from "./routes/login";
import { NotFound } from "./routes/not-found";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: LoginPage,
  validateSearch: (search): { back?: string } => ({ back: sameSitePath(search.back) }),
  beforeLoad: ({ search }) => {
    if (sessionStatus() === "in") throw redirect({ href: search.back ?? "/", replace: true });
  },
});

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./routes/overview"), "OverviewPage"),
  pendingComponent: OpeningPage,
  validateSearch: (search): { page?: number; device?: number } => ({
    page: integerFrom(search.page, 2),
    device: integerFrom(search.device, 0),
  }),
  beforeLoad: ({ location }) => {
    if (sessionStatus() !== "in")
      throw redirect({ to: "/login", search: { back: backTo(location.href) }, replace: true });
  },
});

export const router = createRouter({ routeTree: root.addChildren([login, overview]) });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** The overview is the default after a login, so it needs no parameter. */
const backTo = (href: string): string | undefined => (href === "/" ? undefined : href);

/** Only a path of this site is accepted as the target after a login. */
function sameSitePath(value: unknown): string | undefined {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : undefined;
}

function integerFrom(value: unknown, min: number): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= min ? value : undefined;
}
