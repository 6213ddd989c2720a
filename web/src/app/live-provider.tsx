import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { createLiveStore, LiveContext, type LiveStore } from "@/lib/live/store";
import { newsFor } from "./news";

/** One connection to the live stream for as long as somebody is logged in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [store] = useState(() => createLiveStore(newsFor(queries)));
  useEffect(() => {
    const leaving = new AbortController();
    void store.run(leaving.signal);
    return () => leaving.abort();
  }, [store]);
  useCatchUp(store, queries);
  return <LiveContext value={store}>{children}</LiveContext>;
}

/** What failed while the line was cut is asked again when it is back. */
function useCatchUp(store: LiveStore, queries: QueryClient): void {
  useEffect(() => {
    let before = store.get().connection;
    return store.subscribe(() => {
      const now = store.get().connection;
      if (before === "waiting" && now === "live") void queries.invalidateQueries();
      before = now;
    });
  }, [store, queries]);
}
