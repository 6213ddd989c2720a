import { queryOptions, useQuery } from "@tanstack/react-query";
import { registry } from "@/lib/api/clients";
import { ApiError } from "@/lib/api/problem";
import type { paths } from "@/lib/api/registry";
import { type Ok, unwrap } from "@/lib/api/unwrap";

export const MODELS = ["models"] as const;

export type Model = Ok<paths["/api/v1/models/active"]["get"]>;

/** The active model; null before the first activation, which is not an error. */
export async function getActiveModel(): Promise<Model | null> {
  try {
    return await unwrap(registry.GET("/api/v1/models/active"));
  } catch (error) {
    if (error instanceof ApiError && error.code === "no_active_model") return null;
    throw error;
  }
}

export const activeModelQuery = () =>
  queryOptions({ queryKey: [...MODELS, "active"], queryFn: getActiveModel });

export const useActiveModel = () => useQuery(activeModelQuery());
