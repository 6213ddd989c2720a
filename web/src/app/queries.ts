/** Query defaults: client errors (4xx) are not retried, and the live stream replaces polling. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/api/problem";

const MAX_RETRIES = 2;

const shouldRetry = (failures: number, error: Error): boolean =>
  failures < MAX_RETRIES && !(error instanceof ApiError && error.status < 500);

export const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: shouldRetry, networkMode: "always", throwOnError: false },
    mutations: { retry: false, networkMode: "always" },
  },
});
