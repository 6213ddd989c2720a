import { queryOptions, useQuery } from "@tanstack/react-query";
import { notifier } from "@/lib/api/clients";
import { unwrap } from "@/lib/api/unwrap";
import { ALERTS, type Alert } from "./get-alerts";

const countByStatus = async (status?: Alert["status"]): Promise<number> =>
  (await unwrap(notifier.GET("/api/v1/alerts", { params: { query: { status, size: 1 } } }))).total;

/** The number of open alerts, of acknowledged alerts, and of all alerts. */
export async function countAlerts() {
  const [open, acknowledged, total] = await Promise.all([
    countByStatus("open"),
    countByStatus("acknowledged"),
    countByStatus(),
  ]);
  return { open, acknowledged, total };
}

export const alertCountsQuery = () => queryOptions({ queryKey: [...ALERTS, "counts"], queryFn: countAlerts });

export const useAlertCounts = () => useQuery(alertCountsQuery());
