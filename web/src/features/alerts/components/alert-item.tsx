import { Icon } from "@/components/ui/icon";
import { deviceOf, nameOf, useProfile } from "@/lib/fleet/profile";
import { capitalise, fleetTime, percent, secondsOf } from "@/lib/format";
import type { Alert } from "../api/get-alerts";
import { AcknowledgeButton } from "./acknowledge-button";

export function AlertItem({ alert, onOpen }: { alert: Alert; onOpen: (device: number) => void }) {
  const profile = useProfile();
  const device = deviceOf(alert, profile);
  const name = `${capitalise(profile.device_noun)} ${nameOf(alert, profile)}`;
  return (
    <li className="flex flex-col gap-0.5 border-b border-line px-4 py-2.5 last:border-0">
      <p className="flex items-baseline gap-x-2">
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={() => onOpen(device)}
          className="rounded font-semibold text-accent hover:underline"
        >
          {name}
        </button>
        <span className="font-medium">
          {alert.decided_by === "limit" ? "hard limit" : percent(alert.risk)}
        </span>
        <time dateTime={alert.raised_at} className="ml-auto text-xs text-muted">
          {fleetTime(secondsOf(alert.raised_at))}
        </time>
      </p>
      <div className="flex items-end gap-3">
        <p className="min-w-0 flex-1 text-[0.8125rem] text-muted">
          {alert.factors[0]?.text ?? "nothing stands out"}
        </p>
        <AlertState alert={alert} name={name} />
      </div>
    </li>
  );
}

function AlertState({ alert, name }: { alert: Alert; name: string }) {
  if (alert.status === "open") return <AcknowledgeButton id={alert.id} name={name} />;
  if (alert.status === "cleared") return <span className="text-xs text-muted">cleared</span>;
  return (
    <span
      className="inline-flex items-center gap-1 text-xs text-normal"
      title={`by ${alert.acknowledged_by ?? "unknown"}`}
    >
      <Icon name="check" size={12} /> acknowledged
    </span>
  );
}
