import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { createLiveStore, LiveContext } from "@/lib/live/store";
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
  return <LiveContext value={store}>{children}</LiveContext>;
}
