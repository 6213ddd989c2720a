/** A risk and its threshold as a bar. Hidden from screen readers, which read the number beside it. */
import { FILL, type Level } from "./level";

/** Square-root scale for bar and mark: a linear scale would crowd low thresholds at the left edge. */
const position = (share: number): string =>
  `${(Math.sqrt(Math.min(Math.max(share, 0), 1)) * 100).toFixed(2)}%`;

export function RiskBar({
  risk,
  threshold,
  level,
}: {
  risk: number;
  threshold: number;
  level: Level | null;
}) {
  return (
    <span aria-hidden="true" className="relative block h-2 w-full min-w-16 rounded-full bg-line">
      <span
        className={`absolute inset-y-0 left-0 rounded-full ${level ? FILL[level] : "bg-muted"}`}
        style={{ width: position(risk) }}
      />
      <span className="absolute -inset-y-0.5 w-0.5 rounded bg-ink" style={{ left: position(threshold) }} />
    </span>
  );
}
