import { queryOptions, useQuery } from "@tanstack/react-query";
import { ingest } from "@/lib/api/clients";
import type { components } from "@/lib/api/ingest";
import { unwrap } from "@/lib/api/unwrap";

export type LinkState = components["schemas"]["LinkState"];

export const CONNECTIVITY = ["connectivity"] as const;
const PAGE_SIZE = 5;

export const getConnectivity = (state: LinkState, page: number) =>
  unwrap(ingest.GET("/api/v1/connectivity", { params: { query: { state, page, size: PAGE_SIZE } } }));

export const connectivityQuery = (state: LinkState, page: number) =>
  queryOptions({
    queryKey: [...CONNECTIVITY, state, page],
    queryFn: () => getConnectivity(state, page),
    placeholderData: (previous) => previous,
  });

export const useConnectivity = (state: LinkState, page: number) => useQuery(connectivityQuery(state, page));
