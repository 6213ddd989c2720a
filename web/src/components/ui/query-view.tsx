/** Gives every view its four states: failed, loading, empty, and data. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failed, Loading } from "./states";

type Props<T> = {
  what: string;
  query: UseQueryResult<T>;
  lines?: number;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  /** Pads the other three states, for views whose data extend to the edge of the card. */
  pad?: boolean;
  children: (data: T) => ReactNode;
};

export function QueryView<T>({ what, query, lines, isEmpty, empty, pad = false, children }: Props<T>) {
  const padded = (content: ReactNode) => (pad ? <div className="px-4 pb-4">{content}</div> : content);
  if (query.isError) {
    const retry = () => void query.refetch();
    const failed = <Failed what={what} error={query.error} onRetry={retry} busy={query.isFetching} />;
    return padded(failed);
  }
  if (query.data === undefined) return padded(<Loading what={what.toLowerCase()} lines={lines} />);
  if (isEmpty?.(query.data)) return padded(empty);
  return children(query.data);
}
