import { Card } from "@/components/ui/card";
import { QueryView } from "@/components/ui/query-view";
import { Empty } from "@/components/ui/states";
import { useAlerts } from "../api/get-alerts";
import { AlertItem } from "./alert-item";

export function AlertList({ onOpen }: { onOpen: (device: number) => void }) {
  const alerts = useAlerts();
  const empty = <Empty title="No alerts yet">Each alert is mailed once and listed here.</Empty>;
  return (
    <Card title="Latest alerts" flush>
      <QueryView
        pad
        what="Alerts"
        query={alerts}
        lines={5}
        isEmpty={(data) => data.total === 0}
        empty={empty}
      >
        {(data) => (
          <ol className="border-t border-line">
            {data.items.map((alert) => (
              <AlertItem key={alert.id} alert={alert} onOpen={onOpen} />
            ))}
          </ol>
        )}
      </QueryView>
    </Card>
  );
}
