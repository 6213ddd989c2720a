/** How a chart is drawn: a normal band, a threshold, a line, and marks where a value left the band. */
import uPlot from "uplot";

export type Range = { low: number; high: number };

type Drawing = {
  width: number;
  height: number;
  normal?: Range;
  threshold?: number;
  tick?: (value: number) => string;
  onPoint: (index: number | null) => void;
};

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function plotOptions(drawing: Drawing): uPlot.Options {
  const axis = {
    stroke: colour("--muted"),
    font: `11px ${colour("--font-sans") || "sans-serif"}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: drawing.width,
    height: drawing.height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { y: { range: (_plot, low, high) => reach(low, high, drawing) } },
    axes: [
      {
        ...axis,
        size: 28,
        gap: 8,
        space: 70,
        grid: { show: false },
        values: (_plot, splits) => splits.map(dayOf),
      },
      { ...axis, size: 52, gap: 6, space: 20, values: (_plot, splits) => splits.map(drawing.tick ?? String) },
    ],
    series: [{}, { stroke: colour("--accent"), width: 1.75, points: { show: false } }],
    cursor: {
      sync: { key: "fleet-time" },
      points: { size: 7, fill: colour("--accent") },
      drag: { x: false, y: false },
    },
    hooks: {
      drawClear: [(plot) => drawBand(plot, drawing.normal)],
      draw: [(plot) => drawThreshold(plot, drawing.threshold), (plot) => markOutside(plot, drawing.normal)],
      setCursor: [(plot) => drawing.onPoint(plot.cursor.idx ?? null)],
    },
  };
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const dayOf = (seconds: number): string => dayFormat.format(seconds * 1000);

/** The band and the threshold are always in sight: a line is only far from them when the value is. */
function reach(low: number, high: number, { normal, threshold }: Drawing): [number, number] {
  const known = [low, high, normal?.low, normal?.high, threshold].filter((value) => value != null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const margin = (most - least || 1) * 0.08;
  return [least >= 0 ? Math.max(0, least - margin) : least - margin, most + margin];
}

function drawBand(plot: uPlot, normal: Range | undefined): void {
  if (!normal) return;
  const top = plot.valToPos(normal.high, "y", true);
  const bottom = plot.valToPos(normal.low, "y", true);
  plot.ctx.fillStyle = colour("--normal-soft");
  plot.ctx.fillRect(plot.bbox.left, top, plot.bbox.width, bottom - top);
}

function drawThreshold(plot: uPlot, threshold: number | undefined): void {
  if (threshold === undefined) return;
  const { ctx, bbox } = plot;
  const y = plot.valToPos(threshold, "y", true);
  ctx.save();
  ctx.strokeStyle = colour("--ink");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function markOutside(plot: uPlot, normal: Range | undefined): void {
  if (!normal) return;
  const [times, values] = [plot.data[0], plot.data[1] ?? []];
  plot.ctx.fillStyle = colour("--high-fill");
  values.forEach((value, at) => {
    const time = times[at];
    if (time === undefined || value == null || (value >= normal.low && value <= normal.high)) return;
    plot.ctx.beginPath();
    plot.ctx.arc(
      plot.valToPos(time, "x", true),
      plot.valToPos(value, "y", true),
      3 * devicePixelRatio,
      0,
      2 * Math.PI,
    );
    plot.ctx.fill();
  });
}
