/** A line chart over fleet time. The drawing code is loaded with the first chart. */
import { lazy, Suspense } from "react";
import type { PlotProps } from "./plot";

const Plot = lazy(() => import("./plot"));

/** `summary` is the text alternative of the line. */
type Props = PlotProps & { title: string; summary: string };

export function Chart({ title, summary, ...plot }: Props) {
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="text-[0.8125rem] font-medium">{title}</span>
        <span className="text-xs text-muted">{summary}</span>
      </figcaption>
      <Suspense fallback={<div className="h-[132px] animate-pulse rounded bg-sunken" />}>
        <Plot {...plot} />
      </Suspense>
    </figure>
  );
}
