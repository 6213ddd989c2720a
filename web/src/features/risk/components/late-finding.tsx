import { count, fleetTime, secondsOf } from "@/lib/format";
import { type LateFinding, useLateFinding } from "../api/get-late-findings";

/** What readings that came late tell afterwards. It is an aside: without an answer there is nothing to show. */
export function LateFindingNote({ device }: { device: number }) {
  const finding = useLateFinding(device).data?.items[0];
  return (
    finding && (
      <p className="rounded-md bg-elevated-soft px-3 py-2 text-[0.8125rem] text-elevated">{told(finding)}</p>
    )
  );
}

function told({ possible_at, alerted_at, hours_earlier }: LateFinding): string {
  const reason = "Readings came late. In time, they would have alerted";
  if (alerted_at === null || hours_earlier === null) {
    return `${reason} on ${fleetTime(secondsOf(possible_at))}; no alert was raised.`;
  }
  return `${reason} ${hours(hours_earlier)} earlier than the alert of ${fleetTime(secondsOf(alerted_at))}.`;
}

function hours(value: number): string {
  const rounded = Math.round(value);
  if (rounded < 1) return "less than an hour";
  return rounded === 1 ? "1 hour" : `${count(rounded)} hours`;
}
