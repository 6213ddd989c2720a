import { Card } from "@/components/ui/card";
import { Empty, Loading } from "@/components/ui/states";
import { useProfile } from "@/lib/fleet/profile";
import { wallTime } from "@/lib/format";
import { useLive } from "@/lib/live/store";
import { describeEvent, type Tone } from "../describe-event";

const MARK: Record<Tone, string> = { plain: "bg-edge", good: "bg-normal-fill", bad: "bg-high-fill" };

export function LiveFeed() {
  const events = useLive((state) => state.events);
  const connection = useLive((state) => state.connection);
  const profile = useProfile();
  return (
    <Card title="Live events" aside="newest first, your time" flush>
      {events.length === 0 ? (
        <div className="px-4 pb-4">
          {connection === "connecting" ? (
            <Loading what="the live feed" />
          ) : (
            <Empty title="No events yet">
              Readings, scores, alerts and models appear here as they happen.
            </Empty>
          )}
        </div>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <ol tabIndex={0} aria-label="Events" className="max-h-80 overflow-y-auto border-t border-line py-1">
          {events.map((event) => {
            const { text, tone } = describeEvent(event, profile);
            return (
              <li key={event.seq} className="flex gap-2.5 px-4 py-1 text-[0.8125rem]">
                <time dateTime={event.time} className="shrink-0 text-xs leading-5 text-muted">
                  {wallTime(event.time)}
                </time>
                <span aria-hidden="true" className={`mt-1.5 size-2 shrink-0 rounded-full ${MARK[tone]}`} />
                <span className={`min-w-0 ${tone === "bad" ? "font-medium" : ""}`}>{text}</span>
              </li>
            );
          })}
        </ol>
      )}
    </Card>
  );
}
