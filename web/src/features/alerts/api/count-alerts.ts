import { queryOptions, useQuery } from "@tanstack/react-query";
import { notifier } from "@/lib/api/clients";
import { unwrap } from "@/lib/api/unwrap";
import { ALERTS, type Alert } from "./get-alerts";

const totalOf = async (status?: Alert["status"]): Promise<number> =>
  (await unwrap(notifier.GET("/api/v1/alerts", { params: { query: { status, size: 1 } } }))).total;

/** How many nobody has looked at, how many somebody has, and how many there ever were. */
export async function countAlerts() {
  const [open, acknowledged, total] = await Promise.all([
    totalOf("open"),
    totalOf("acknowledged"),
    totalOf(),
  ]);
  return { open, acknowledged, total };
}

export const alertCountsQuery = () => queryOptions({ queryKey: [...ALERTS, "counts"], queryFn: countAlerts });

export const useAlertCounts = () => useQuery(alertCountsQuery());
