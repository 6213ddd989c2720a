import { queryOptions, useQuery } from "@tanstack/react-query";
import { ingest } from "@/lib/api/clients";
import type { paths } from "@/lib/api/ingest";
import { type Ok, unwrap } from "@/lib/api/unwrap";

const LIMIT = 120;

export const DEVICE_READINGS = ["telemetry", "device"] as const;

export type Reading = Ok<paths["/api/v1/telemetry/devices/{device_id}/readings"]["get"]>["items"][number];

/** The newest readings of one device, oldest first. */
export const getDeviceReadings = async (device: number): Promise<Reading[]> => {
  const params = { path: { device_id: device }, query: { limit: LIMIT } };
  return (await unwrap(ingest.GET("/api/v1/telemetry/devices/{device_id}/readings", { params }))).items;
};

export const deviceReadingsQuery = (device: number) =>
  queryOptions({ queryKey: [...DEVICE_READINGS, device], queryFn: () => getDeviceReadings(device) });

export const useDeviceReadings = (device: number) => useQuery(deviceReadingsQuery(device));
