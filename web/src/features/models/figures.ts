/** Figures of a model's evaluation. The API leaves their shape open, so each is looked up and checked. */
import { isRecord } from "@/lib/live/event";

type Tree = { readonly [name: string]: unknown };

/** The number at a path of names; null where there is none. */
export function figureAt(tree: Tree, ...path: string[]): number | null {
  let here: unknown = tree;
  for (const name of path) here = isRecord(here) ? here[name] : undefined;
  return typeof here === "number" && Number.isFinite(here) ? here : null;
}

export type Caught = { failures: number | null; model: number | null; rule: number | null };

/** Shares of the holdout's failures announced in time, model and hand rule on the same alert budget. */
export const caught = (metrics: Tree): Caught => ({
  failures: figureAt(metrics, "holdout", "failures"),
  model: figureAt(metrics, "failures_caught"),
  rule: figureAt(metrics, "hand_rule", "failures_caught"),
});
