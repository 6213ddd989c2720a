import { Empty } from "@/components/ui/states";
import { useProfile } from "@/lib/fleet/profile";
import { counted, fleetDateTime, secondsOf } from "@/lib/format";
import { useNewestRun } from "../api/get-newest-run";
import { type Schedule, useSchedule } from "../api/get-schedule";

/** Says what happens until there is a model. */
export function NoModel() {
  const { label } = useProfile();
  const schedule = useSchedule().data;
  const run = useNewestRun().data;
  const isTraining = run?.status === "requested" || run?.status === "running";
  return (
    <Empty title="No model yet">
      <p>
        Readings are stored but not scored. A label is settled {counted(label.horizon_days, "day")} after its
        reading, or once a failure is recorded. The first model becomes active if it passes the gate.
      </p>
      {schedule && !isTraining && <FirstTraining schedule={schedule} />}
    </Empty>
  );
}

function FirstTraining({ schedule }: { schedule: Schedule }) {
  const { interval_h, next_at, positive_labels: found, least_positive_labels: least } = schedule;
  if (interval_h === 0) return <p className="mt-2">Training starts when somebody requests it.</p>;
  if (found >= least && next_at)
    return <p className="mt-2">The first training is due on {fleetDateTime(secondsOf(next_at))}.</p>;
  return (
    <div className="mt-3 text-left">
      <p id="first-training" className="mb-1.5 flex justify-between gap-3">
        <span>Readings known to precede a failure</span>
        <span className="tabular-nums">
          {found} of {least}
        </span>
      </p>
      <progress aria-labelledby="first-training" max={least} value={found} className="training-bar" />
      <p className="mt-1.5">With {least}, the first training starts by itself.</p>
    </div>
  );
}
