import { count, fleetTime, secondsOf } from "@/lib/format";
import { type LateFinding, useLateFinding } from "../api/get-late-findings";

/** The newest late finding of a device. A side note: shows nothing while loading or on an error. */
export function LateFindingNote({ device }: { device: number }) {
  const finding = useLateFinding(device).data?.items[0];
  return (
    finding && (
      <p className="rounded-md bg-elevated-soft px-3 py-2 text-[0.8125rem] text-elevated">
        {describe(finding)}
      </p>
    )
  );
}

function describe({ possible_at, alerted_at, hours_earlier }: LateFinding): string {
  const start = "Readings arrived late. In time, they would have raised an alert";
  if (alerted_at === null || hours_earlier === null) {
    return `${start} on ${fleetTime(secondsOf(possible_at))}; no alert was raised.`;
  }
  return `${start} ${inHours(hours_earlier)} earlier than the alert of ${fleetTime(secondsOf(alerted_at))}.`;
}

function inHours(value: number): string {
  const rounded = Math.round(value);
  if (rounded < 1) return "less than an hour";
  return rounded === 1 ? "1 hour" : `${count(rounded)} hours`;
}
