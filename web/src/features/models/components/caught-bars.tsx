import { count, percent } from "@/lib/format";
import type { Caught } from "../figures";

/** What the model is for, beside what a rule written by hand does with as many alerts. */
export function CaughtBars({ caught }: { caught: Caught }) {
  const { failures, model, rule } = caught;
  return (
    <div>
      <h3 className="mb-1.5 text-[0.8125rem] font-medium">
        Failures caught in time
        {failures !== null && (
          <span className="font-normal text-muted">, of {count(failures)} in its test</span>
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
