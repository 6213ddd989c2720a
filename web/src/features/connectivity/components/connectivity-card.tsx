import { useState } from "react";
import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import { QueryView } from "@/components/ui/query-view";
import { Empty } from "@/components/ui/states";
import { useProfile } from "@/lib/fleet/profile";
import { fleetDateTime, plural, secondsOf } from "@/lib/format";
import { type LinkState, useConnectivity } from "../api/get-connectivity";
import { SilentDevices } from "./silent-devices";
import { StateFilter } from "./state-filter";

export function ConnectivityCard({ onOpen }: { onOpen: (device: number) => void }) {
  const profile = useProfile();
  const [state, setState] = useState<LinkState>("late");
  const [page, setPage] = useState(1);
  const fleet = useConnectivity(state, page);
  const nouns = plural(profile.device_noun, 2);
  const empty = (
    <Empty title={`No ${nouns} have reported yet`}>
      They appear within half a minute of their first live reading.
    </Empty>
  );
  const selectState = (next: LinkState) => {
    setState(next);
    setPage(1);
  };
  return (
    <Card title="Connectivity" flush>
      <QueryView
        pad
        what="Connectivity"
        query={fleet}
        lines={3}
        isEmpty={({ counts }) => counts.connected + counts.late + counts.disconnected === 0}
        empty={empty}
      >
        {(data) => (
          <>
            {data.fleet_wide && <FleetWide nouns={nouns} />}
            {data.downtime_began_at && data.downtime_ended_at && (
              <Downtime from={data.downtime_began_at} to={data.downtime_ended_at} />
            )}
            <StateFilter counts={data.counts} selected={state} onSelect={selectState} />
            <SilentDevices data={data} page={page} onPage={setPage} onOpen={onOpen} />
          </>
        )}
      </QueryView>
    </Card>
  );
}

function FleetWide({ nouns }: { nouns: string }) {
  return (
    <p role="alert" className="flex gap-2 px-4 pb-3 text-sm text-high">
      <Icon name="warning" size={16} className="mt-0.5 shrink-0" />
      Many {nouns} stopped reporting at once: check the gateway first.
    </p>
  );
}

function Downtime({ from, to }: { from: string; to: string }) {
  return (
    <p className="px-4 pb-3 text-sm text-muted">
      Pacewatch itself received nothing from {fleetDateTime(secondsOf(from))} to{" "}
      {fleetDateTime(secondsOf(to))}; that counts as nobody's silence.
    </p>
  );
}
