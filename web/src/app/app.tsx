import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { refresh, useSessionStatus } from "@/lib/session/session";
import { OpeningPage, UnreachablePage } from "./full-page-states";
import { queries } from "./queries";
import { router } from "./router";

/** Checks the session once before it shows anything. */
export function App() {
  const status = useSessionStatus();
  useEffect(() => void refresh(), []);
  useEffect(() => {
    if (status === "out") queries.clear();
    if (status === "in" || status === "out") void router.invalidate();
  }, [status]);
  if (status === "unknown") return <OpeningPage />;
  if (status === "unreachable") return <UnreachablePage />;
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
