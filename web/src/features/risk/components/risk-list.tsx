import { SignalValue } from "@/components/ui/signal-value";
import { deviceOf, nameOf, useProfile } from "@/lib/fleet/profile";
import { capitalise } from "@/lib/format";
import { MainFactor, RiskLevel } from "./columns";
import { DeviceButton } from "./device-button";
import { LastReading } from "./last-reading";
import { RiskCell } from "./risk-cell";
import type { RowsProps } from "./risk-rows";

/** The risk table for a narrow screen: the same data, one device below the other. */
export function RiskList({ rows, onOpen, dim }: RowsProps) {
  const profile = useProfile();
  const noun = profile.device_noun;
  return (
    <ul aria-busy={dim} className={`border-t border-line md:grid md:grid-cols-2 ${dim ? "opacity-60" : ""}`}>
      {rows.map((risk) => (
        <li
          key={deviceOf(risk, profile)}
          className="relative flex flex-col gap-2 border-b border-line px-4 py-3"
        >
          <div className="flex items-center justify-between gap-3">
            <span className="text-base">
              <span aria-hidden="true" className="text-muted">
                {capitalise(noun)}{" "}
              </span>
              <DeviceButton
                noun={noun}
                device={deviceOf(risk, profile)}
                name={nameOf(risk, profile)}
                onOpen={onOpen}
              />
            </span>
            <RiskLevel risk={risk} />
          </div>
          <RiskCell risk={risk} />
          <p className="text-[0.8125rem]">
            <MainFactor risk={risk} />
          </p>
          <dl className="grid grid-cols-2 gap-x-4 gap-y-1 text-[0.8125rem]">
            {profile.signals.map((signal) => (
              <div key={signal.name} className="flex flex-col">
                <dt className="text-xs text-muted">{capitalise(signal.label)}</dt>
                <dd>
                  <SignalValue signal={signal} value={risk.signals[signal.name]} />
                </dd>
              </div>
            ))}
          </dl>
          <p className="text-xs">
            <LastReading timestampS={risk.timestamp} cadenceS={profile.cadence_s} />
          </p>
        </li>
      ))}
    </ul>
  );
}
