/** The logged-in account and its scopes, as the server returns them. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { gateway } from "@/lib/api/clients";
import type { components } from "@/lib/api/gateway";
import { unwrap } from "@/lib/api/unwrap";

export type Scope = components["schemas"]["Scope"];

export const getMe = () => unwrap(gateway.GET("/api/v1/auth/me"));

export const meQuery = () => queryOptions({ queryKey: ["me"], queryFn: getMe, staleTime: 300_000 });

export function useHasScope(scope: Scope): boolean {
  return useQuery(meQuery()).data?.scopes.includes(scope) ?? false;
}
