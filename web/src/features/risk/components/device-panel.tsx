import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { QueryView } from "@/components/ui/query-view";
import { Sheet } from "@/components/ui/sheet";
import { Empty } from "@/components/ui/states";
import { ApiError } from "@/lib/api/problem";
import { useProfile } from "@/lib/fleet/profile";
import { capitalise } from "@/lib/format";
import { deviceRiskQuery, useDeviceRisk } from "../api/get-device-risk";
import { LateFindingNote } from "./late-finding";
import { RiskDetail } from "./risk-detail";

type Props = { device: number | undefined; onClose: () => void; children: ReactNode };

/** One device: its risk, its factors, and the children. */
export function DevicePanel({ device, onClose, children }: Props) {
  const noun = useProfile().device_noun;
  const risk = useQuery({ ...deviceRiskQuery(device ?? 0), enabled: device !== undefined });
  return (
    <Sheet
      open={device !== undefined}
      onClose={onClose}
      title={`${capitalise(noun)} ${risk.data?.device ?? device ?? ""}`}
      description="Risk, its factors, and the readings behind it"
    >
      {device !== undefined && (
        <div className="flex flex-col gap-7">
          <DeviceRiskView device={device} />
          <LateFindingNote device={device} />
          {children}
        </div>
      )}
    </Sheet>
  );
}

function DeviceRiskView({ device }: { device: number }) {
  const risk = useDeviceRisk(device);
  if (risk.error instanceof ApiError && risk.error.status === 404) {
    return <Empty title="No risk available">{capitalise(risk.error.message)}</Empty>;
  }
  return (
    <QueryView what="The risk" query={risk} lines={5}>
      {(data) => <RiskDetail risk={data} />}
    </QueryView>
  );
}
