import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { createLiveStore, LiveContext, type LiveStore } from "@/lib/live/store";
import { createEventRefresh } from "./refresh-on-event";

/** Holds one connection to the live stream while a user is logged in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [store] = useState(() => createLiveStore(createEventRefresh(queries)));
  useEffect(() => {
    const unmounted = new AbortController();
    void store.run(unmounted.signal);
    return () => unmounted.abort();
  }, [store]);
  useRefetchOnReconnect(store, queries);
  return <LiveContext value={store}>{children}</LiveContext>;
}

/** Refetches all queries when the live stream reconnects: they may have failed or missed events meanwhile. */
function useRefetchOnReconnect(store: LiveStore, queries: QueryClient): void {
  useEffect(() => {
    let previous = store.get().connection;
    return store.subscribe(() => {
      const now = store.get().connection;
      if (previous === "waiting" && now === "live") void queries.invalidateQueries();
      previous = now;
    });
  }, [store, queries]);
}
