import { useQuery } from "@tanstack/react-query";
import { clockQuery, useFleetSeconds } from "@/lib/fleet/clock";
import { fleetDate, fleetMinute, MISSING, speed } from "@/lib/format";

const TICK_MS = 250;

/** Fleet time, and its speed when it is not real time, so that nobody mistakes a demo for today. */
export function FleetClock() {
  const { data: clock, isError } = useQuery(clockQuery());
  const seconds = useFleetSeconds(TICK_MS);
  if (!clock || seconds === null) {
    return <p className="text-xs text-muted">{isError ? "Fleet time unknown" : `Fleet time ${MISSING}`}</p>;
  }
  return (
    <p className="flex items-center gap-2 text-xs text-muted">
      Fleet time
      <time
        dateTime={new Date(seconds * 1000).toISOString()}
        className="text-[0.8125rem] font-medium text-ink"
      >
        {fleetDate(seconds)}, {fleetMinute(seconds)}
      </time>
      {clock.speed !== 1 && (
        <span
          title="The fleet's clock does not run in real time"
          className="rounded bg-elevated-soft px-1.5 py-0.5 font-semibold text-elevated"
        >
          {clock.speed === 0 ? "paused" : speed(clock.speed)}
          {clock.speed !== 0 && <span className="sr-only"> real time</span>}
        </span>
      )}
    </p>
  );
}
