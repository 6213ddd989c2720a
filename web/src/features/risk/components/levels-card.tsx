import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import { FILL, LEVELS, TEXT } from "@/components/ui/level";
import { QueryView } from "@/components/ui/query-view";
import { Empty } from "@/components/ui/states";
import { useProfile } from "@/lib/fleet/profile";
import { capitalise, count, counted, plural } from "@/lib/format";
import { useRiskSummary } from "../api/get-risk-summary";

type Counts = { readonly [level: string]: number };

const scored = (counts: Counts): number => LEVELS.reduce((sum, level) => sum + (counts[level] ?? 0), 0);

export function LevelsCard() {
  const profile = useProfile();
  const summary = useRiskSummary();
  const nouns = plural(profile.device_noun, 2);
  const empty = <Empty title={`No ${nouns} scored yet`}>Scores begin with the first active model.</Empty>;
  const { unscored = 0, not_enough_history: short = 0, settling = 0, moves = null } = summary.data ?? {};
  const aside = [
    unscored > 0 && `${count(unscored)} not scored yet`,
    short > 0 && `${count(short)} with too little history`,
    settling > 0 && `${count(settling)} too new for a level`,
  ].filter(Boolean);
  return (
    <Card title={`${capitalise(nouns)} by risk`} aside={aside.join(", ") || null}>
      <QueryView
        what="Risk levels"
        query={summary}
        lines={2}
        isEmpty={(data) => scored(data.levels) === 0}
        empty={empty}
      >
        {(data) => <Levels counts={data.levels} />}
      </QueryView>
      {moves && moves.up + moves.down > 0 && (
        <p className="mt-3 text-xs text-muted">
          The last activation moves {counted(moves.up + moves.down, "level")} with the next reading:{" "}
          {count(moves.up)} up, {count(moves.down)} down.
        </p>
      )}
    </Card>
  );
}

function Levels({ counts }: { counts: Counts }) {
  return (
    <div className="flex flex-col gap-3">
      <dl className="flex gap-6">
        {LEVELS.map((level) => (
          <div key={level} className="flex flex-col-reverse">
            <dt className={`flex items-center gap-1.5 text-xs ${TEXT[level]}`}>
              <Icon name={level} size={9} />
              {level}
            </dt>
            <dd
              className={
                level === "normal"
                  ? "text-3xl tracking-tight text-muted"
                  : "text-3xl font-semibold tracking-tight"
              }
            >
              {count(counts[level] ?? 0)}
            </dd>
          </div>
        ))}
      </dl>
      <div aria-hidden="true" className="flex h-2 gap-0.5 overflow-hidden rounded-full">
        {LEVELS.filter((level) => counts[level]).map((level) => (
          <span key={level} className={`min-w-1 ${FILL[level]}`} style={{ flexGrow: counts[level] }} />
        ))}
      </div>
    </div>
  );
}
