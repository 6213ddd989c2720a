import { queryOptions, useQuery } from "@tanstack/react-query";
import { inference } from "@/lib/api/clients";
import type { paths } from "@/lib/api/inference";
import { type Ok, unwrap } from "@/lib/api/unwrap";
import { RISK } from "./get-risks";

type LateFindingPage = Ok<paths["/api/v1/risk/late-findings"]["get"]>;
export type LateFinding = LateFindingPage["items"][number];

/** The newest late finding of a device, if there is one. */
export const getLateFinding = (device: number): Promise<LateFindingPage> =>
  unwrap(
    inference.GET("/api/v1/risk/late-findings", {
      params: { query: { device_id: String(device), size: 1 } },
    }),
  );

export const lateFindingQuery = (device: number) =>
  queryOptions({ queryKey: [...RISK, "late-finding", device], queryFn: () => getLateFinding(device) });

export const useLateFinding = (device: number) => useQuery(lateFindingQuery(device));
