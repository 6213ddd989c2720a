/** The store of the live stream's state for components, and its only connection. */
import { createContext, useContext, useSyncExternalStore } from "react";
import { gateway } from "@/lib/api/clients";
import { unwrap } from "@/lib/api/unwrap";
import type { LiveEvent } from "./event";
import {
  type Action,
  INITIAL,
  isRestarted,
  type LiveState,
  MAX_EVENTS,
  type Position,
  reduce,
} from "./state";
import { followStream } from "./stream";

export type LiveStore = ReturnType<typeof createLiveStore>;

export function createLiveStore(onEvent: (event: LiveEvent) => void) {
  let state: LiveState = INITIAL;
  const listeners = new Set<() => void>();

  function dispatch(action: Action): void {
    const next = reduce(state, action);
    if (next === state) return;
    state = next;
    if (action.type === "event") onEvent(action.event);
    for (const listener of listeners) listener();
  }

  /** Runs until the signal aborts. Loads recent events first, so that none is lost before the stream starts. */
  async function run(signal: AbortSignal): Promise<void> {
    if (state.lastSeq === null) await loadRecent(dispatch).catch(() => undefined);
    const handlers = {
      lastSeq: () => state.lastSeq,
      onOpened: async (position: Position) => {
        if (isRestarted(state, position)) await loadRecent(dispatch);
      },
      onEvent: (event: LiveEvent) => dispatch({ type: "event", event }),
      onConnection: (connection: LiveState["connection"]) => dispatch({ type: "connection", connection }),
    };
    await followStream(handlers, signal);
  }

  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { run, subscribe, get: () => state };
}

async function loadRecent(dispatch: (action: Action) => void): Promise<void> {
  const recent = await unwrap(
    gateway.GET("/api/v1/live/recent", { params: { query: { limit: MAX_EVENTS } } }),
  );
  dispatch({ type: "recent", events: recent.items, lastSeq: recent.last_seq, epoch: recent.epoch });
}

export const LiveContext = createContext<LiveStore | null>(null);

export function useLive<T>(select: (state: LiveState) => T): T {
  const store = useContext(LiveContext);
  if (!store) throw new Error("useLive needs a LiveContext around it");
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
