import { Card } from "@/components/ui/card";
import { QueryView } from "@/components/ui/query-view";
import { Empty } from "@/components/ui/states";
import { count } from "@/lib/format";
import { useAlertCounts } from "../api/count-alerts";

export function OpenAlertsCard() {
  const counts = useAlertCounts();
  const empty = (
    <Empty title="No alerts yet">An alert is raised when a risk reaches the model's threshold.</Empty>
  );
  return (
    <Card title="Open alerts" className="sm:max-lg:col-span-2">
      <QueryView what="Alerts" query={counts} lines={2} isEmpty={(data) => data.total === 0} empty={empty}>
        {({ open, acknowledged, total }) => (
          <dl className="flex items-end justify-between gap-x-5">
            <div className="flex flex-col-reverse">
              <dt className="whitespace-nowrap text-xs text-muted">new</dt>
              <dd className={`text-3xl font-semibold tracking-tight ${open > 0 ? "text-high" : ""}`}>
                {count(open)}
              </dd>
            </div>
            <div className="flex flex-col-reverse text-right">
              <dt className="whitespace-nowrap text-xs text-muted">acknowledged</dt>
              <dd className="text-lg font-medium">{count(acknowledged)}</dd>
            </div>
            <div className="flex flex-col-reverse text-right">
              <dt className="whitespace-nowrap text-xs text-muted">in total</dt>
              <dd className="text-lg font-medium">{count(total)}</dd>
            </div>
          </dl>
        )}
      </QueryView>
    </Card>
  );
}
