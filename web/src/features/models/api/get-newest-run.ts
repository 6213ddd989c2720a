import { queryOptions, useQuery } from "@tanstack/react-query";
import { registry } from "@/lib/api/clients";
import type { paths } from "@/lib/api/registry";
import { type Ok, unwrap } from "@/lib/api/unwrap";

export const TRAINING_RUNS = ["training-runs"] as const;

export type TrainingRun = Ok<paths["/api/v1/training-runs"]["get"]>["items"][number];

/** The newest training run; null before the first. */
export async function getNewestRun(): Promise<TrainingRun | null> {
  const runs = await unwrap(registry.GET("/api/v1/training-runs", { params: { query: { size: 1 } } }));
  return runs.items[0] ?? null;
}

export const newestRunQuery = () =>
  queryOptions({ queryKey: [...TRAINING_RUNS, "newest"], queryFn: getNewestRun });

export const useNewestRun = () => useQuery(newestRunQuery());
