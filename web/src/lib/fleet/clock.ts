/** Fleet time: readings, alerts and schedules use it, and a demo runs it fast. Fetched now and then, extrapolated between. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { gateway } from "@/lib/api/clients";
import { unwrap } from "@/lib/api/unwrap";

const RESYNC_MS = { real: 60_000, fast: 10_000, paused: 2_000 } as const;

/** A clock that does not run in real time may be paused or change its speed at any time. */
function resyncMs(speed: number | undefined): number {
  if (speed === undefined || speed === 1) return RESYNC_MS.real;
  return speed === 0 ? RESYNC_MS.paused : RESYNC_MS.fast;
}

export async function getClock() {
  const clock = await unwrap(gateway.GET("/api/v1/clock"));
  return { ...clock, receivedAtMs: performance.now() };
}

export type Clock = Awaited<ReturnType<typeof getClock>>;

export const clockQuery = () =>
  queryOptions({
    queryKey: ["clock"],
    queryFn: getClock,
    refetchInterval: (query) => resyncMs(query.state.data?.speed),
  });

export const fleetSecondsAt = (clock: Clock, nowMs: number): number =>
  Date.parse(clock.fleet_time) / 1000 + ((nowMs - clock.receivedAtMs) / 1000) * clock.speed;

/** Fleet time in seconds, updated every `everyMs`; null until the server has returned it. */
export function useFleetSeconds(everyMs: number): number | null {
  const { data: clock } = useQuery(clockQuery());
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const interval = setInterval(() => setNowMs(performance.now()), everyMs);
    return () => clearInterval(interval);
  }, [everyMs]);
  return clock ? fleetSecondsAt(clock, Math.max(nowMs, clock.receivedAtMs)) : null;
}
