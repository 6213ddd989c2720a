import { figure, percent } from "@/lib/format";
import { figureAt } from "../figures";

const FIGURES = [
  { name: "precision", label: "Precision", says: "of its alerts, how many were right", share: true },
  {
    name: "recall",
    label: "Recall",
    says: "of the readings before a failure, how many it alerted on",
    share: true,
  },
  { name: "f1", label: "F1", says: "precision and recall in one figure", share: false },
  { name: "accuracy", label: "Accuracy", says: "of all readings, how many it judged right", share: true },
  { name: "roc_auc", label: "ROC-AUC", says: "how well it ranks; 0.5 is chance", share: false },
  {
    name: "pr_auc",
    label: "PR-AUC",
    says: "precision over all recalls; chance is the base rate",
    share: false,
  },
] as const;

export function ModelFigures({ metrics }: { metrics: { readonly [name: string]: unknown } }) {
  const baseRate = figureAt(metrics, "base_rate");
  return (
    <div>
      <dl className="grid grid-cols-3 gap-px overflow-hidden rounded-md border border-line bg-line">
        {FIGURES.map(({ name, label, says, share }) => (
          <div key={name} className="flex flex-col-reverse bg-surface px-2.5 py-2" title={says}>
            <dt className="text-xs text-muted">
              {label}
              <span className="sr-only">, {says}</span>
            </dt>
            <dd className="text-base font-semibold">
              {share ? percent(figureAt(metrics, name)) : figure(figureAt(metrics, name))}
            </dd>
          </div>
        ))}
      </dl>
      {baseRate !== null && (
        <p className="mt-1.5 text-xs text-muted">
          Judged reading by reading; {percent(baseRate)} precede a failure.
        </p>
      )}
    </div>
  );
}
