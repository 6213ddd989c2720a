import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { refresh, useSessionStatus } from "@/lib/session/session";
import { queries } from "./queries";
import { router } from "./router";
import { Away, Opening } from "./waiting";

/** Whether somebody is logged in is asked once, before anything is shown. */
export function App() {
  const status = useSessionStatus();
  useEffect(() => void refresh(), []);
  useEffect(() => {
    if (status === "out") queries.clear();
    if (status === "in" || status === "out") void router.invalidate();
  }, [status]);
  if (status === "unknown") return <Opening />;
  if (status === "unreachable") return <Away />;
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
