/** A line over fleet time. The drawing code is loaded when the first chart is shown. */
import { lazy, Suspense } from "react";
import type { Range } from "./plot";

const Plot = lazy(() => import("./plot"));

export type ChartProps = {
  title: string;
  /** The same in words, for who cannot see the line. */
  summary: string;
  times: readonly number[];
  values: readonly number[];
  format: (value: number) => string;
  /** Values on the axis, where digits alone would not do. */
  tick?: (value: number) => string;
  /** Drawn as a band; values outside of it are marked. */
  normal?: Range;
  /** Drawn as a dashed line. */
  threshold?: number;
};

export function Chart(props: ChartProps) {
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="text-[0.8125rem] font-medium">{props.title}</span>
        <span className="text-xs text-muted">{props.summary}</span>
      </figcaption>
      <Suspense fallback={<div className="h-[132px] animate-pulse rounded bg-sunken" />}>
        <Plot {...props} />
      </Suspense>
    </figure>
  );
}
