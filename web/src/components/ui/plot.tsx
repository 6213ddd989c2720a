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
  /** Formats the values on the axis; default: the bare number. */
  tick?: (value: number) => string;
  /** Drawn as a band; values outside it are marked. */
  normal?: Range;
  /** Drawn as a dashed line. */
  threshold?: number;
};

const HEIGHT = 132;

export default function Plot({ times, values, format, tick, normal, threshold }: PlotProps) {
  const container = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const [hovered, setHovered] = useState<number | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the plot reads its colours from the theme
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const size = { width: element.clientWidth, height: HEIGHT };
    const options = plotOptions({ ...size, normal, threshold, tick, onHover: setHovered });
    const plot = new uPlot(options, [[...times], [...values]], element);
    const resizeObserver = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resizeObserver.observe(element);
    return () => {
      resizeObserver.disconnect();
      plot.destroy();
    };
  }, [times, values, tick, normal, threshold, theme]);

  const time = hovered === null ? undefined : times[hovered];
  const value = hovered === null ? undefined : values[hovered];
  return (
    <div className="relative">
      <div ref={container} aria-hidden="true" style={{ height: HEIGHT }} />
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
