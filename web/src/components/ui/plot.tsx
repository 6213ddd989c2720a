import "uplot/dist/uPlot.min.css";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { fleetDate } from "@/lib/format";
import { useTheme } from "@/lib/theme";
import { plotOptions, type Range } from "./plot-options";

export type PlotProps = {
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

const HEIGHT = 132;

export default function Plot({ times, values, format, tick, normal, threshold }: PlotProps) {
  const holder = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const [pointed, setPointed] = useState<number | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours to draw with
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const size = { width: element.clientWidth, height: HEIGHT };
    const options = plotOptions({ ...size, normal, threshold, tick, onPoint: setPointed });
    const plot = new uPlot(options, [[...times], [...values]], element);
    const resizing = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    resizing.observe(element);
    return () => {
      resizing.disconnect();
      plot.destroy();
    };
  }, [times, values, tick, normal, threshold, theme]);

  const time = pointed === null ? undefined : times[pointed];
  const value = pointed === null ? undefined : values[pointed];
  return (
    <div className="relative">
      <div ref={holder} aria-hidden="true" style={{ height: HEIGHT }} />
      {time !== undefined && value !== undefined && (
        <p
          aria-hidden="true"
          className="absolute top-0 right-1 rounded bg-surface/90 px-1.5 text-xs shadow-lift"
        >
          {fleetDate(time)} <strong className="font-semibold">{format(value)}</strong>
        </p>
      )}
    </div>
  );
}
