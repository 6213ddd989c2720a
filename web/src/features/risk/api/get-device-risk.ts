import { queryOptions, useQuery } from "@tanstack/react-query";
import { inference } from "@/lib/api/clients";
import type { paths } from "@/lib/api/inference";
import { type Ok, unwrap } from "@/lib/api/unwrap";
import { RISK } from "./get-risks";

export type DeviceRiskDetail = Ok<paths["/api/v1/risk/{device_id}"]["get"]>;

export const getDeviceRisk = (device: number): Promise<DeviceRiskDetail> =>
  unwrap(inference.GET("/api/v1/risk/{device_id}", { params: { path: { device_id: String(device) } } }));

export const deviceRiskQuery = (device: number) =>
  queryOptions({ queryKey: [...RISK, "device", device], queryFn: () => getDeviceRisk(device) });

export const useDeviceRisk = (device: number) => useQuery(deviceRiskQuery(device));
