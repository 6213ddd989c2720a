import { count, percent } from "@/lib/format";
import type { Caught } from "../metrics";

/** Failures caught by the model and by the hand rule on the same alert budget. */
export function CaughtBars({ caught }: { caught: Caught }) {
  const { failures, model, rule } = caught;
  return (
    <div>
      <h3 className="mb-1.5 text-[0.8125rem] font-medium">
        Failures caught in time
        {failures !== null && (
          <span className="font-normal text-muted">, of {count(failures)} in the holdout</span>
        )}
      </h3>
      <dl className="grid grid-cols-[auto_1fr_auto] items-center gap-x-3 gap-y-1.5 text-[0.8125rem]">
        <Bar name="model" share={model} fill="bg-accent" />
        <Bar name="hand rule" share={rule} fill="bg-edge" />
      </dl>
    </div>
  );
}

function Bar({ name, share, fill }: { name: string; share: number | null; fill: string }) {
  return (
    <div className="contents">
      <dt className="text-muted">{name}</dt>
      <dd aria-hidden="true" className="h-2 rounded-full bg-line">
        <span className={`block h-full rounded-full ${fill}`} style={{ width: `${(share ?? 0) * 100}%` }} />
      </dd>
      <dd className="text-right font-semibold">{percent(share, 0)}</dd>
    </div>
  );
}
