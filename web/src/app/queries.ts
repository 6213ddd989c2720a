/** How the dashboard asks: what failed for a reason is not asked again, and news come by the stream, not by polling. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/api/problem";

const MOST_RETRIES = 2;

const worthAnother = (failures: number, error: Error): boolean =>
  failures < MOST_RETRIES && !(error instanceof ApiError && error.status < 500);

export const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: worthAnother, networkMode: "always", throwOnError: false },
    mutations: { retry: false, networkMode: "always" },
  },
});
