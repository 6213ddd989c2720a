import type { DeviceRisk } from "../api/get-risks";

type Factor = DeviceRisk["factors"][number];

/** The factors of a risk, strongest first, each with its direction. */
export function Factors({ factors }: { factors: readonly Factor[] }) {
  if (factors.length === 0) return null;
  const largest = Math.max(...factors.map((factor) => Math.abs(factor.contribution)), Number.EPSILON);
  return (
    <div>
      <h3 className="mb-2 font-semibold">Factors</h3>
      <ul className="flex flex-col gap-2.5">
        {factors.map((factor) => (
          <FactorLine key={factor.name} factor={factor} share={Math.abs(factor.contribution) / largest} />
        ))}
      </ul>
    </div>
  );
}

function FactorLine({ factor, share }: { factor: Factor; share: number }) {
  const raises = factor.contribution >= 0;
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-x-4 text-[0.8125rem]">
      <span>{factor.text}</span>
      <span className={`text-xs ${raises ? "text-high" : "text-normal"}`}>
        {raises ? "raises" : "lowers"}
      </span>
      <span aria-hidden="true" className="col-span-2 mt-1 h-1.5 rounded-full bg-line">
        <span
          className={`block h-full rounded-full ${raises ? "bg-high-fill" : "bg-normal-fill"}`}
          style={{ width: `${(share * 100).toFixed(1)}%` }}
        />
      </span>
    </li>
  );
}
