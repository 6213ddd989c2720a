/** Metrics of a model's evaluation. The API does not fix their shape, so each value is looked up and checked. */
import { isRecord } from "@/lib/live/event";

type Tree = { readonly [name: string]: unknown };

/** The number at a path of names; null if there is none. */
export function metricAt(tree: Tree, ...path: string[]): number | null {
  let value: unknown = tree;
  for (const name of path) value = isRecord(value) ? value[name] : undefined;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export type Caught = { failures: number | null; model: number | null; rule: number | null };

/** Shares of the holdout's failures caught in time by the model and by the hand rule, on the same alert budget. */
export const caught = (metrics: Tree): Caught => ({
  failures: metricAt(metrics, "holdout", "failures"),
  model: metricAt(metrics, "failures_caught"),
  rule: metricAt(metrics, "hand_rule", "failures_caught"),
});
