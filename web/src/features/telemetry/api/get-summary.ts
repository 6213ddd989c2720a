import { queryOptions, useQuery } from "@tanstack/react-query";
import { ingest } from "@/lib/api/clients";
import { unwrap } from "@/lib/api/unwrap";

export const TELEMETRY_SUMMARY = ["telemetry", "summary"] as const;

export const getTelemetrySummary = () => unwrap(ingest.GET("/api/v1/telemetry/summary"));

export const telemetrySummaryQuery = () =>
  queryOptions({ queryKey: TELEMETRY_SUMMARY, queryFn: getTelemetrySummary });

export const useTelemetrySummary = () => useQuery(telemetrySummaryQuery());
