import { Card } from "@/components/ui/card";
import { QueryView } from "@/components/ui/query-view";
import { Empty } from "@/components/ui/states";
import { useProfile } from "@/lib/fleet/profile";
import { count, counted, shortCount } from "@/lib/format";
import { useTelemetrySummary } from "../api/get-summary";
import { LiveCounter } from "./live-counter";

export function ReadingsCard() {
  const profile = useProfile();
  const summary = useTelemetrySummary();
  const empty = <Empty title="No readings yet">They appear here when the first batch is accepted.</Empty>;
  return (
    <Card title="Readings" aside={<LiveCounter />}>
      <QueryView what="Readings" query={summary} lines={2} isEmpty={(data) => data.rows === 0} empty={empty}>
        {(data) => (
          <dl className="flex items-end justify-between gap-x-5">
            <div className="flex flex-col-reverse" title="since midnight UTC of fleet time">
              <dt className="text-xs text-muted">today</dt>
              <dd className="text-3xl font-semibold tracking-tight">{count(data.rows_today)}</dd>
            </div>
            <div className="flex flex-col-reverse text-right">
              <dt className="whitespace-nowrap text-xs text-muted">
                in total, from {counted(data.devices, profile.device_noun)}
              </dt>
              <dd className="text-lg font-medium" title={count(data.rows)}>
                {shortCount(data.rows)}
              </dd>
            </div>
          </dl>
        )}
      </QueryView>
    </Card>
  );
}
