import { Card } from "@/components/ui/card";
import { QueryView } from "@/components/ui/query-view";
import { fleetDateTime, percent, secondsOf } from "@/lib/format";
import { type Model, useActiveModel } from "../api/get-active-model";
import { caught } from "../metrics";
import { CaughtBars } from "./caught-bars";
import { ModelMetrics } from "./model-metrics";
import { NoModel } from "./no-model";
import { TrainingProgress } from "./training-progress";

export function ModelCard() {
  const model = useActiveModel();
  return (
    <Card title="Active model" aside={model.data ? model.data.algorithm.replaceAll("_", " ") : null}>
      <div className="flex flex-col gap-4">
        <QueryView what="The active model" query={model} lines={6}>
          {(data) => (data ? <ActiveModel model={data} /> : <NoModel />)}
        </QueryView>
        <TrainingProgress />
      </div>
    </Card>
  );
}

function ActiveModel({ model }: { model: Model }) {
  return (
    <>
      <div>
        <p className="text-lg font-semibold tracking-tight break-all">{model.version}</p>
        <p className="text-xs text-muted">
          trained {fleetDateTime(secondsOf(model.trained_at))}, alerts from {percent(model.threshold)}
        </p>
      </div>
      <CaughtBars caught={caught(model.metrics)} />
      <ModelMetrics metrics={model.metrics} />
    </>
  );
}
