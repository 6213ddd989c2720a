import type { components } from "@/lib/api/ingest";
import { deviceOf, useProfile } from "@/lib/fleet/profile";
import { capital, count, counted, fleetTime, plural, secondsOf } from "@/lib/format";

type Fleet = components["schemas"]["PacemakerConnectivity"];
type Props = {
  data: Fleet;
  page: number;
  onPage: (page: number) => void;
  onOpen: (device: number) => void;
};

const HOUR_S = 3_600;
const DAY_S = 86_400;

const long = (seconds: number): string =>
  seconds < 2 * DAY_S
    ? counted(Math.round(seconds / HOUR_S), "hour")
    : counted(Math.floor(seconds / DAY_S), "day");

export function SilentDevices({ data, page, onPage, onOpen }: Props) {
  const profile = useProfile();
  if (data.total === 0) {
    return <p className="px-4 pb-4 text-sm text-muted">No {plural(profile.device_noun, 2)} here.</p>;
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
                {capital(profile.device_noun)} {device}
              </button>
              <time
                dateTime={link.last_heard_at}
                title={`last heard ${fleetTime(secondsOf(link.last_heard_at))}, fleet time`}
                className="ml-auto text-xs text-muted"
              >
                silent for {long(link.silent_s)}
              </time>
            </li>
          );
        })}
      </ol>
      <More shown={(page - 1) * data.size + data.items.length} data={data} page={page} onPage={onPage} />
    </>
  );
}

function More({ shown, data, page, onPage }: Omit<Props, "onOpen"> & { shown: number }) {
  if (data.total <= data.size) return null;
  const button = "rounded font-medium text-accent hover:underline disabled:text-muted disabled:no-underline";
  return (
    <p className="flex items-center gap-3 border-t border-line px-4 py-2 text-xs text-muted">
      <span className="mr-auto">
        {count(shown)} of {count(data.total)}
      </span>
      <button type="button" className={button} disabled={page <= 1} onClick={() => onPage(page - 1)}>
        Back
      </button>
      <button
        type="button"
        className={button}
        disabled={shown >= data.total}
        onClick={() => onPage(page + 1)}
      >
        More
      </button>
    </p>
  );
}
