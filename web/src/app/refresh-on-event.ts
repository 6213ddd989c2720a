/** Refetches the queries that an event makes stale, each at most once a second. */
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { ALERTS } from "@/features/alerts/api/get-alerts";
import { CONNECTIVITY } from "@/features/connectivity/api/get-connectivity";
import { MODELS } from "@/features/models/api/get-active-model";
import { TRAINING_RUNS } from "@/features/models/api/get-newest-run";
import { RISK } from "@/features/risk/api/get-risks";
import { DEVICE_READINGS } from "@/features/telemetry/api/get-device-readings";
import { TELEMETRY_SUMMARY } from "@/features/telemetry/api/get-summary";
import type { LiveEvent } from "@/lib/live/event";
import { throttlePerKey } from "@/lib/live/throttle";

const MIN_INTERVAL_MS = 1_000;

const STALE_QUERIES: Record<string, readonly QueryKey[]> = {
  "telemetry.accepted": [TELEMETRY_SUMMARY, DEVICE_READINGS, CONNECTIVITY],
  "connectivity.changed": [CONNECTIVITY],
  "risk.scored": [RISK],
  "alert.raised": [ALERTS, RISK],
  "alert.cleared": [ALERTS, RISK],
  "labels.matured": [TRAINING_RUNS],
  "training.requested": [TRAINING_RUNS],
  "training.progressed": [TRAINING_RUNS],
  "training.failed": [TRAINING_RUNS],
  "model.candidate": [TRAINING_RUNS, MODELS],
  "model.rejected": [TRAINING_RUNS, MODELS],
  "model.activated": [TRAINING_RUNS, MODELS, RISK],
  "model.deleted": [MODELS],
};

/** Returns an event handler that invalidates the affected queries of `queries`. */
export function createEventRefresh(queries: QueryClient) {
  const refresh = (key: string) => {
    const queryKey: QueryKey = JSON.parse(key);
    void queries.invalidateQueries({ queryKey }, { cancelRefetch: false });
  };
  const throttle = throttlePerKey(refresh, MIN_INTERVAL_MS);
  return (event: LiveEvent): void => {
    for (const key of STALE_QUERIES[event.type] ?? []) throttle(JSON.stringify(key));
  };
}
