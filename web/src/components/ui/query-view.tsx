/** A view has four states, and this is where it is made to have them all. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failed, Loading } from "./states";

type Props<T> = {
  what: string;
  query: UseQueryResult<T>;
  lines?: number;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  /** Around what is not data, where the data themselves go to the edge. */
  pad?: boolean;
  children: (data: T) => ReactNode;
};

export function QueryView<T>({ what, query, lines, isEmpty, empty, pad = false, children }: Props<T>) {
  const around = (content: ReactNode) => (pad ? <div className="px-4 pb-4">{content}</div> : content);
  if (query.isError) {
    const retry = () => void query.refetch();
    const failed = <Failed what={what} error={query.error} onRetry={retry} busy={query.isFetching} />;
    return around(failed);
  }
  if (query.data === undefined) return around(<Loading what={what.toLowerCase()} lines={lines} />);
  if (isEmpty?.(query.data)) return around(empty);
  return children(query.data);
}
