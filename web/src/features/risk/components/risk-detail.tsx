import { useMemo } from "react";
import { Chart } from "@/components/ui/chart";
import { useProfile } from "@/lib/fleet/profile";
import { capitalise, fleetTime, percent, secondsOf, timesUsual } from "@/lib/format";
import type { DeviceRiskDetail } from "../api/get-device-risk";
import { RiskLevel } from "./columns";
import { Factors } from "./factors";
import { LastReading } from "./last-reading";

export function RiskDetail({ risk }: { risk: DeviceRiskDetail }) {
  const profile = useProfile();
  const usual = timesUsual(risk.relative_risk);
  return (
    <section aria-label="Risk" className="flex flex-col gap-5">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <p>
          <span className="block text-4xl font-semibold tracking-tight">{percent(risk.risk)}</span>
          <span className="text-xs text-muted">
            risk of failure within {profile.label.horizon_days} days
            {usual && `, ${usual}`}; alert from {percent(risk.threshold)}
          </span>
        </p>
        <div className="flex flex-col items-end gap-1 text-xs text-muted">
          <RiskLevel risk={risk} />
          <LastReading timestampS={risk.timestamp} cadenceS={profile.cadence_s} />
        </div>
      </div>
      {risk.episode && (
        <p className="rounded-md bg-high-soft px-3 py-2 text-[0.8125rem] text-high">
          Alert open since {fleetTime(secondsOf(risk.episode.opened_at))}, raised{" "}
          {risk.episode.decided_by === "limit" ? "by a hard limit" : `at ${percent(risk.episode.risk)}`}.
        </p>
      )}
      {risk.level === null && <NoLevelYet risk={risk} />}
      <Factors risk={risk} />
      <History risk={risk} />
    </section>
  );
}

function NoLevelYet({ risk }: { risk: DeviceRiskDetail }) {
  return (
    <p className="rounded-md bg-sunken px-3 py-2 text-[0.8125rem] text-muted">
      {capitalise(risk.no_level_text ?? "no level yet")}. Hard limits apply from the first reading on.
    </p>
  );
}

function History({ risk }: { risk: DeviceRiskDetail }) {
  const oldestFirst = useMemo(
    () => [...risk.history].sort((a, b) => a.timestamp - b.timestamp),
    [risk.history],
  );
  const times = useMemo(() => oldestFirst.map((one) => one.timestamp), [oldestFirst]);
  const values = useMemo(() => oldestFirst.map((one) => one.risk), [oldestFirst]);
  if (values.length < 2) {
    return <p className="text-[0.8125rem] text-muted">The risk history starts with the next reading.</p>;
  }
  const highest = Math.max(...values);
  return (
    <Chart
      title="Risk history"
      summary={`${values.length} scores, highest ${percent(highest)}; dashed: threshold`}
      times={times}
      values={values}
      threshold={risk.threshold}
      format={percent}
      tick={wholePercent}
    />
  );
}

const wholePercent = (share: number): string => `${Math.round(share * 1000) / 10}%`;
