import { queryOptions, useQuery } from "@tanstack/react-query";
import { registry } from "@/lib/api/clients";
import type { paths } from "@/lib/api/registry";
import { type Ok, unwrap } from "@/lib/api/unwrap";
import { TRAINING_RUNS } from "./get-newest-run";

export type Schedule = Ok<paths["/api/v1/training-runs/schedule"]["get"]>;

/** When the schedule requests the next training run, and what it still needs. */
export const scheduleQuery = () =>
  queryOptions({
    queryKey: [...TRAINING_RUNS, "schedule"],
    queryFn: () => unwrap(registry.GET("/api/v1/training-runs/schedule")),
  });

export const useSchedule = () => useQuery(scheduleQuery());
