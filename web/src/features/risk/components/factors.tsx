import type { DeviceRisk } from "../api/get-risks";

type Factor = DeviceRisk["factors"][number];
type Risk = Pick<DeviceRisk, "factors" | "decided_by">;

/** What stands out behind a risk: hard limits first, then the largest, each with its direction. */
export function Factors({ risk }: { risk: Risk }) {
  const { factors } = risk;
  const largest = Math.max(...factors.map((factor) => Math.abs(factor.contribution)), Number.EPSILON);
  return (
    <div>
      <h3 className="mb-2 font-semibold">Reasons</h3>
      {factors.length === 0 && (
        <p className="text-[0.8125rem] text-muted">
          No signal stands out: all are normal, and as in most of the fleet.
        </p>
      )}
      <ul className="flex flex-col gap-2.5">
        {factors.map((factor, place) => (
          <FactorLine
            key={factor.name}
            factor={factor}
            share={Math.abs(factor.contribution) / largest}
            decides={risk.decided_by === "limit" && place === 0}
          />
        ))}
      </ul>
    </div>
  );
}

function FactorLine({ factor, share, decides }: { factor: Factor; share: number; decides: boolean }) {
  const raises = decides || factor.contribution >= 0;
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-x-4 text-[0.8125rem]">
      <span>{factor.text}</span>
      <span className={`text-xs ${raises ? "text-high" : "text-normal"}`}>
        {decides ? "decides" : raises ? "raises" : "lowers"}
      </span>
      <span aria-hidden="true" className="col-span-2 mt-1 h-1.5 rounded-full bg-line">
        <span
          className={`block h-full rounded-full ${raises ? "bg-high-fill" : "bg-normal-fill"}`}
          style={{ width: `${((decides ? 1 : share) * 100).toFixed(1)}%` }}
        />
      </span>
    </li>
  );
}
