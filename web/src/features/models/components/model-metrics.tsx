import { decimal, percent } from "@/lib/format";
import { metricAt } from "../metrics";

const METRICS = [
  { name: "precision", label: "Precision", meaning: "share of alerts that precede a failure", share: true },
  {
    name: "recall",
    label: "Recall",
    meaning: "share of readings before a failure that it alerts on",
    share: true,
  },
  { name: "f1", label: "F1", meaning: "harmonic mean of precision and recall", share: false },
  { name: "accuracy", label: "Accuracy", meaning: "share of all readings classified correctly", share: true },
  { name: "roc_auc", label: "ROC-AUC", meaning: "ranking quality; 0.5 is chance", share: false },
  {
    name: "pr_auc",
    label: "PR-AUC",
    meaning: "average precision over all recalls; chance is the base rate",
    share: false,
  },
] as const;

export function ModelMetrics({ metrics }: { metrics: { readonly [name: string]: unknown } }) {
  const baseRate = metricAt(metrics, "base_rate");
  return (
    <div>
      <dl className="grid grid-cols-3 gap-px overflow-hidden rounded-md border border-line bg-line">
        {METRICS.map(({ name, label, meaning, share }) => (
          <div key={name} className="flex flex-col-reverse bg-surface px-2.5 py-2" title={meaning}>
            <dt className="text-xs text-muted">
              {label}
              <span className="sr-only">, {meaning}</span>
            </dt>
            <dd className="text-base font-semibold">
              {share ? percent(metricAt(metrics, name)) : decimal(metricAt(metrics, name))}
            </dd>
          </div>
        ))}
      </dl>
      {baseRate !== null && (
        <p className="mt-1.5 text-xs text-muted">
          Computed per reading; {percent(baseRate)} of readings precede a failure.
        </p>
      )}
    </div>
  );
}
