import { Icon } from "@/components/ui/icon";
import { useFleetSeconds } from "@/lib/fleet/clock";
import { count, fleetDay, fleetTime } from "@/lib/format";

/** A device is silent after three missed readings: its old score says little about today. */
const MISSED_READINGS = 3;
const DAY_S = 86_400;

const days = (seconds: number): string => `${count(Math.floor(seconds / DAY_S))} d`;

export function LastReading({ timestampS, cadenceS }: { timestampS: number; cadenceS: number }) {
  const nowS = useFleetSeconds(2_000);
  const silentS = nowS === null ? 0 : nowS - timestampS;
  const silent = silentS > MISSED_READINGS * cadenceS;
  return (
    <time
      dateTime={new Date(timestampS * 1000).toISOString()}
      title={`${fleetTime(timestampS)}, fleet time`}
      className="inline-flex items-center gap-1.5 whitespace-nowrap text-muted"
    >
      {silent && <Icon name="silent" size={13} className="text-elevated" />}
      {silent ? `silent for ${days(silentS)}` : fleetDay(timestampS)}
    </time>
  );
}
