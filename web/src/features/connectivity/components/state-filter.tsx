import { count } from "@/lib/format";
import type { LinkState } from "../api/get-connectivity";

const STATES = ["connected", "late", "disconnected"] as const satisfies readonly LinkState[];

type Props = {
  counts: Readonly<Record<LinkState, number>>;
  selected: LinkState;
  onSelect: (state: LinkState) => void;
};

/** The count of every state; a click filters the list below by that state. */
export function StateFilter({ counts, selected, onSelect }: Props) {
  return (
    <fieldset className="flex flex-wrap gap-x-2 gap-y-1 px-4 pb-3">
      <legend className="sr-only">Show devices that are</legend>
      {STATES.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={state === selected}
          onClick={() => onSelect(state)}
          className={`flex flex-1 flex-col items-start rounded-lg border px-2.5 py-1.5 ${
            state === selected ? "border-accent" : "border-line"
          }`}
        >
          <span className="text-lg font-medium">{count(counts[state])}</span>
          <span className="text-xs text-muted">{state}</span>
        </button>
      ))}
    </fieldset>
  );
}
