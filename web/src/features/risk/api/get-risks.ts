import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { inference } from "@/lib/api/clients";
import type { paths } from "@/lib/api/inference";
import { type Ok, unwrap } from "@/lib/api/unwrap";

export const RISK = ["risk"] as const;
export const PAGE_SIZE = 10;

export type RiskPage = Ok<paths["/api/v1/risk"]["get"]>;
export type DeviceRisk = RiskPage["items"][number];

export const getRisks = (page: number): Promise<RiskPage> =>
  unwrap(inference.GET("/api/v1/risk", { params: { query: { page, size: PAGE_SIZE } } }));

export const risksQuery = (page: number) =>
  queryOptions({ queryKey: [...RISK, "list", page], queryFn: () => getRisks(page) });

export const useRisks = (page: number) =>
  useQuery({ ...risksQuery(page), placeholderData: keepPreviousData });
