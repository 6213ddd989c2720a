/** The profile of the devices that this deployment monitors: every name and unit on the page comes from it. */
import { queryOptions } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { gateway } from "@/lib/api/clients";
import type { components } from "@/lib/api/gateway";
import { unwrap } from "@/lib/api/unwrap";

export type Profile = components["schemas"]["ProfileView"];
export type Signal = components["schemas"]["SignalView"];

export const getProfile = (): Promise<Profile> => unwrap(gateway.GET("/api/v1/profile"));

export const profileQuery = () =>
  queryOptions({ queryKey: ["profile"], queryFn: getProfile, staleTime: Number.POSITIVE_INFINITY });

export const ProfileContext = createContext<Profile | null>(null);

export function useProfile(): Profile {
  const profile = useContext(ProfileContext);
  if (!profile) throw new Error("useProfile needs a ProfileContext around it");
  return profile;
}

/** The device id of a row. The profile names its field, so it is looked up and checked. */
export function deviceOf(row: object, profile: Profile): number {
  const value: unknown = Reflect.get(row, profile.device_field);
  if (typeof value !== "number") throw new TypeError(`a row without ${profile.device_field}`);
  return value;
}

/** The device of a row as people write it: its number or its name. */
export function nameOf(row: object, profile: Profile): string {
  const name: unknown = Reflect.get(row, "device");
  return typeof name === "string" ? name : String(deviceOf(row, profile));
}

export const isOutside = (signal: Signal, value: number): boolean =>
  value < signal.normal.low || value > signal.normal.high;
