/** Fleet time: readings, alerts and schedules use it, and a demo runs it fast. Fetched once, then extrapolated. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { gateway } from "@/lib/api/clients";
import { unwrap } from "@/lib/api/unwrap";

const RESYNC_MS = 60_000;

export async function getClock() {
  const clock = await unwrap(gateway.GET("/api/v1/clock"));
  return { ...clock, heardAtMs: performance.now() };
}

export type Clock = Awaited<ReturnType<typeof getClock>>;

export const clockQuery = () =>
  queryOptions({ queryKey: ["clock"], queryFn: getClock, staleTime: RESYNC_MS, refetchInterval: RESYNC_MS });

export const fleetSecondsAt = (clock: Clock, nowMs: number): number =>
  clock.fleet_time_s + ((nowMs - clock.heardAtMs) / 1000) * clock.speed;

/** Fleet time in seconds, renewed every `everyMs`; null until the server has told it. */
export function useFleetSeconds(everyMs: number): number | null {
  const { data: clock } = useQuery(clockQuery());
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const ticking = setInterval(() => setNowMs(performance.now()), everyMs);
    return () => clearInterval(ticking);
  }, [everyMs]);
  return clock ? fleetSecondsAt(clock, Math.max(nowMs, clock.heardAtMs)) : null;
}
