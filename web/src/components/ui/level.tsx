/** Risk levels: each has a shape and a word, so that colour is never the only difference. */
import type { components } from "@/lib/api/inference";
import { Icon } from "./icon";

export type Level = components["schemas"]["RiskLevel"];

export const LEVELS = ["high", "elevated", "normal"] as const satisfies readonly Level[];

const CHIP: Record<Level, string> = {
  high: "bg-high-soft text-high",
  elevated: "bg-elevated-soft text-elevated",
  normal: "bg-normal-soft text-normal",
};

export const FILL: Record<Level, string> = {
  high: "bg-high-fill",
  elevated: "bg-elevated-fill",
  normal: "bg-normal-fill",
};

export const TEXT: Record<Level, string> = {
  high: "text-high",
  elevated: "text-elevated",
  normal: "text-normal",
};

/** Without a level: the device is too new for the model, or has too little history, and is at no hard limit. */
export function LevelChip({ level, byLimit = false }: { level: Level | null; byLimit?: boolean }) {
  if (level === null) return <span className="text-xs text-muted">no level yet</span>;
  return (
    <span className="inline-flex flex-col items-start gap-0.5">
      <span
        className={`inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium ${CHIP[level]}`}
      >
        <Icon name={level} size={9} />
        {level}
      </span>
      {byLimit && <span className="whitespace-nowrap px-2 text-[0.6875rem] text-muted">hard limit</span>}
    </span>
  );
}
