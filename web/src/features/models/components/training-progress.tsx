import { capitalise } from "@/lib/format";
import { type TrainingRun, useNewestRun } from "../api/get-newest-run";

/** Shown only while a run is in progress, or when the last one failed. */
export function TrainingProgress() {
  const run = useNewestRun().data;
  if (!run) return null;
  if (run.status === "failed") return <FailedRun run={run} />;
  if (run.status !== "requested" && run.status !== "running") return null;
  return (
    <div className="rounded-md bg-accent-soft px-3 py-2.5">
      <div className="mb-1.5 flex justify-between gap-3 text-[0.8125rem] font-medium text-accent">
        <span id="training-run">
          {run.status === "requested" ? "Training requested" : `Training: ${run.stage.replaceAll("_", " ")}`}
        </span>
        <span>{run.percent}%</span>
      </div>
      <progress aria-labelledby="training-run" max={100} value={run.percent} className="training-bar" />
      <p className="mt-1 text-xs text-muted">{run.message || capitalise(run.reason)}</p>
    </div>
  );
}

function FailedRun({ run }: { run: TrainingRun }) {
  return (
    <p className="rounded-md bg-elevated-soft px-3 py-2 text-[0.8125rem] text-elevated">
      The last training run failed at stage {run.stage || "start"}: {run.message}
    </p>
  );
}
