import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { sessionStatus } from "@/lib/session/session";
import { LoginPage } from "./routes/login";
import { NotFound } from "./routes/not-found";
import { Opening } from "./waiting";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: LoginPage,
  validateSearch: (search): { back?: string } => ({ back: ownPath(search.back) }),
  beforeLoad: ({ search }) => {
    if (sessionStatus() === "in") throw redirect({ href: search.back ?? "/", replace: true });
  },
});

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./routes/overview"), "OverviewPage"),
  pendingComponent: Opening,
  validateSearch: (search): { page?: number; device?: number } => ({
    page: wholeFrom(search.page, 2),
    device: wholeFrom(search.device, 0),
  }),
  beforeLoad: ({ location }) => {
    if (sessionStatus() !== "in")
      throw redirect({ to: "/login", search: { back: asked(location.href) }, replace: true });
  },
});

export const router = createRouter({ routeTree: root.addChildren([login, overview]) });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** The overview is where one lands anyway, so it is not worth a parameter. */
const asked = (href: string): string | undefined => (href === "/" ? undefined : href);

/** Only a path of this site is gone back to. */
function ownPath(value: unknown): string | undefined {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : undefined;
}

function wholeFrom(value: unknown, least: number): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least ? value : undefined;
}
