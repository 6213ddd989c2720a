import type { components } from "@/lib/api/ingest";
import { deviceOf, nameOf, useProfile } from "@/lib/fleet/profile";
import { capitalise, counted, fleetTime, plural, secondsOf } from "@/lib/format";
import { DevicePager } from "./device-pager";

type Connectivity = components["schemas"]["PacemakerConnectivity"];
type Props = {
  data: Connectivity;
  page: number;
  onPage: (page: number) => void;
  onOpen: (device: number) => void;
};

const HOUR_S = 3_600;
const DAY_S = 86_400;

const duration = (seconds: number): string =>
  seconds < 2 * DAY_S
    ? counted(Math.round(seconds / HOUR_S), "hour")
    : counted(Math.floor(seconds / DAY_S), "day");

export function SilentDevices({ data, page, onPage, onOpen }: Props) {
  const profile = useProfile();
  if (data.total === 0) {
    return <p className="px-4 pb-4 text-sm text-muted">No {plural(profile.device_noun, 2)} in this state.</p>;
  }
  return (
    <>
      <ol className="border-t border-line">
        {data.items.map((link) => {
          const device = deviceOf(link, profile);
          return (
            <li
              key={device}
              className="flex items-baseline gap-2 border-b border-line px-4 py-2 last:border-0"
            >
              <button
                type="button"
                aria-haspopup="dialog"
                onClick={() => onOpen(device)}
                className="rounded font-semibold text-accent hover:underline"
              >
                {capitalise(profile.device_noun)} {nameOf(link, profile)}
              </button>
              <time
                dateTime={link.last_heard_at}
                title={`last reading received ${fleetTime(secondsOf(link.last_heard_at))}, fleet time`}
                className="ml-auto text-xs text-muted"
              >
                silent for {duration(link.silent_s)}
              </time>
            </li>
          );
        })}
      </ol>
      <DevicePager data={data} page={page} onPage={onPage} />
    </>
  );
}
