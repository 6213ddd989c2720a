import { RiskBar } from "@/components/ui/risk-bar";
import { percent, timesUsual } from "@/lib/format";
import type { DeviceRisk } from "../api/get-risks";

export function RiskCell({
  risk,
}: {
  risk: Pick<DeviceRisk, "risk" | "relative_risk" | "threshold" | "level">;
}) {
  return (
    <span className="flex min-w-28 items-center gap-2 2xl:min-w-36">
      <span className="w-12 text-right font-semibold">{percent(risk.risk)}</span>
      <span className="flex w-full flex-col gap-0.5">
        <RiskBar risk={risk.risk} threshold={risk.threshold} level={risk.level} />
        <span className="whitespace-nowrap text-[0.6875rem] text-muted">
          {timesUsual(risk.relative_risk)}
        </span>
      </span>
    </span>
  );
}
