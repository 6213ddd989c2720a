import { count } from "@/lib/format";
import type { LinkState } from "../api/get-connectivity";

const STATES = ["connected", "late", "disconnected"] as const satisfies readonly LinkState[];

type Props = {
  counts: Readonly<Record<LinkState, number>>;
  chosen: LinkState;
  onChoose: (state: LinkState) => void;
};

/** The counts are what the list below is chosen by. */
export function StateChoice({ counts, chosen, onChoose }: Props) {
  return (
    <fieldset className="flex flex-wrap gap-x-2 gap-y-1 px-4 pb-3">
      <legend className="sr-only">Show who is</legend>
      {STATES.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={state === chosen}
          onClick={() => onChoose(state)}
          className={`flex flex-1 flex-col items-start rounded-lg border px-2.5 py-1.5 ${
            state === chosen ? "border-accent" : "border-line"
          }`}
        >
          <span className="text-lg font-medium">{count(counts[state])}</span>
          <span className="text-xs text-muted">{state}</span>
        </button>
      ))}
    </fieldset>
  );
}
