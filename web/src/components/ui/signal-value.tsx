/** A value with the decimals of its signal; outside the normal range it is marked by weight, colour, sign and word. */
import { isOutside, type Signal } from "@/lib/fleet/profile";
import { MISSING } from "@/lib/format";

type Props = { signal: Signal; value: number | undefined; unit?: boolean };

export function SignalValue({ signal, value, unit = true }: Props) {
  if (value === undefined) return <span className="text-muted">{MISSING}</span>;
  const text = value.toFixed(signal.decimals);
  const suffix = unit && <span className="text-muted"> {signal.unit}</span>;
  if (!isOutside(signal, value)) {
    return (
      <span className="whitespace-nowrap">
        {text}
        {suffix}
      </span>
    );
  }
  const high = value > signal.normal.high;
  return (
    <span className="whitespace-nowrap font-semibold text-high">
      <span aria-hidden="true">{high ? "↑" : "↓"}</span>
      {text}
      {suffix}
      <span className="sr-only">, {high ? "above" : "below"} normal</span>
    </span>
  );
}
