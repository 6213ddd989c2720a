/** A risk against its threshold. The figure beside it says the same in digits, so the bar is hidden from readers. */
import { FILL, type Level } from "./level";

/** Low thresholds would crowd at the left edge of a straight scale: a root spreads them, for bar and mark alike. */
const along = (share: number): string => `${(Math.sqrt(Math.min(Math.max(share, 0), 1)) * 100).toFixed(2)}%`;

export function RiskBar({ risk, threshold, level }: { risk: number; threshold: number; level: Level }) {
  return (
    <span aria-hidden="true" className="relative block h-2 w-full min-w-16 rounded-full bg-line">
      <span
        className={`absolute inset-y-0 left-0 rounded-full ${FILL[level]}`}
        style={{ width: along(risk) }}
      />
      <span className="absolute -inset-y-0.5 w-0.5 rounded bg-ink" style={{ left: along(threshold) }} />
    </span>
  );
}
