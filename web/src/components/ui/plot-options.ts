/** uPlot options of a chart: the normal band, the threshold, the line, and marks on values outside the band. */
import uPlot from "uplot";

export type Range = { low: number; high: number };

type PlotSettings = {
  width: number;
  height: number;
  normal?: Range;
  threshold?: number;
  tick?: (value: number) => string;
  onHover: (index: number | null) => void;
};

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function plotOptions(settings: PlotSettings): uPlot.Options {
  const axis = {
    stroke: colour("--muted"),
    font: `11px ${colour("--font-sans") || "sans-serif"}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: settings.width,
    height: settings.height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { y: { range: (_plot, low, high) => yRange(low, high, settings) } },
    axes: [
      {
        ...axis,
        size: 28,
        gap: 8,
        space: 70,
        grid: { show: false },
        values: (_plot, splits) => splits.map(dayOf),
      },
      {
        ...axis,
        size: 52,
        gap: 6,
        space: 20,
        values: (_plot, splits) => splits.map(settings.tick ?? String),
      },
    ],
    series: [{}, { stroke: colour("--accent"), width: 1.75, points: { show: false } }],
    cursor: {
      sync: { key: "fleet-time" },
      points: { size: 7, fill: colour("--accent") },
      drag: { x: false, y: false },
    },
    hooks: {
      drawClear: [(plot) => drawBand(plot, settings.normal)],
      draw: [(plot) => drawThreshold(plot, settings.threshold), (plot) => markOutside(plot, settings.normal)],
      setCursor: [(plot) => settings.onHover(plot.cursor.idx ?? null)],
    },
  };
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const dayOf = (seconds: number): string => dayFormat.format(seconds * 1000);

/** The y range always includes the band and the threshold, so that the distance to them is visible. */
function yRange(low: number, high: number, { normal, threshold }: PlotSettings): [number, number] {
  const bounds = [low, high, normal?.low, normal?.high, threshold].filter((value) => value != null);
  const [min, max] = [Math.min(...bounds), Math.max(...bounds)];
  const margin = (max - min || 1) * 0.08;
  return [min >= 0 ? Math.max(0, min - margin) : min - margin, max + margin];
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
