import { Card } from "@/components/ui/card";
import { QueryView } from "@/components/ui/query-view";
import { Empty } from "@/components/ui/states";
import { useProfile } from "@/lib/fleet/profile";
import { capitalise, counted, percent, plural } from "@/lib/format";
import { useMedia } from "@/lib/use-media";
import { useRisks } from "../api/get-risks";
import { Pagination } from "./pagination";
import { RiskList } from "./risk-list";
import { RiskRows } from "./risk-rows";

type Props = { page: number; onPage: (page: number) => void; onOpen: (device: number) => void };

export function RiskTable({ page, onPage, onOpen }: Props) {
  const profile = useProfile();
  const risks = useRisks(page);
  const wide = useMedia("(min-width: 1024px)");
  const Rows = wide ? RiskRows : RiskList;
  const nouns = plural(profile.device_noun, 2);
  const threshold = risks.data?.items[0]?.threshold;
  const empty = (
    <Empty title={`No ${nouns} ranked yet`}>
      Each {profile.device_noun} is ranked once a model is active and it has sent enough history.
    </Empty>
  );
  return (
    <Card
      title={`${capitalise(nouns)} most at risk within ${counted(profile.label.horizon_days, "day")}`}
      aside={threshold === undefined ? null : <Legend threshold={threshold} />}
      flush
    >
      <QueryView
        pad
        what="The risk list"
        query={risks}
        lines={10}
        isEmpty={(data) => data.total === 0}
        empty={empty}
      >
        {(data) => (
          <>
            <Rows rows={data.items} onOpen={onOpen} dim={risks.isPlaceholderData} />
            <Pagination page={page} size={data.size} total={data.total} onPage={onPage} />
          </>
        )}
      </QueryView>
    </Card>
  );
}

function Legend({ threshold }: { threshold: number }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden="true" className="inline-block h-3 w-0.5 rounded bg-ink" />
      alert threshold {percent(threshold)}
    </span>
  );
}
