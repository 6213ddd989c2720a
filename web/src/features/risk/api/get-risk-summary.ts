import { queryOptions, useQuery } from "@tanstack/react-query";
import { inference } from "@/lib/api/clients";
import { unwrap } from "@/lib/api/unwrap";
import { RISK } from "./get-risks";

export const getRiskSummary = () => unwrap(inference.GET("/api/v1/risk/summary"));

export const riskSummaryQuery = () =>
  queryOptions({ queryKey: [...RISK, "summary"], queryFn: getRiskSummary });

export const useRiskSummary = () => useQuery(riskSummaryQuery());
