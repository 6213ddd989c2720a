import { queryOptions, useQuery } from "@tanstack/react-query";
import { notifier } from "@/lib/api/clients";
import type { paths } from "@/lib/api/notifier";
import { type Ok, unwrap } from "@/lib/api/unwrap";

const PAGE_SIZE = 6;

export const ALERTS = ["alerts"] as const;

export type AlertPage = Ok<paths["/api/v1/alerts"]["get"]>;
export type Alert = AlertPage["items"][number];

/** The newest alerts of any status. */
export const getAlerts = (): Promise<AlertPage> =>
  unwrap(notifier.GET("/api/v1/alerts", { params: { query: { size: PAGE_SIZE } } }));

export const alertsQuery = () => queryOptions({ queryKey: [...ALERTS, "newest"], queryFn: getAlerts });

export const useAlerts = () => useQuery(alertsQuery());
