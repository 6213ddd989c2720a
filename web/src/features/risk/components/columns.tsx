/** The table's columns; the profile's signals are between the risk and the main factor. */
import { createColumnHelper } from "@tanstack/react-table";
import { LevelChip } from "@/components/ui/level";
import { SignalValue } from "@/components/ui/signal-value";
import { deviceOf, nameOf, type Profile, type Signal } from "@/lib/fleet/profile";
import { capitalise } from "@/lib/format";
import type { DeviceRisk } from "../api/get-risks";
import { DeviceButton } from "./device-button";
import { LastReading } from "./last-reading";
import { RiskCell } from "./risk-cell";

const column = createColumnHelper<DeviceRisk>();

export type Align = "left" | "right";

declare module "@tanstack/react-table" {
  interface ColumnMeta<TData, TValue> {
    align?: Align;
    unit?: string;
    /** Takes the remaining width. */
    wide?: boolean;
    /** Uses the type parameters, whose names declaration merging requires. */
    readonly _of?: [TData, TValue];
  }
}

export function riskColumns(profile: Profile, onOpen: (device: number) => void) {
  return [
    column.display({
      id: "device",
      header: capitalise(profile.device_noun),
      cell: ({ row }) => (
        <DeviceButton
          noun={profile.device_noun}
          device={deviceOf(row.original, profile)}
          name={nameOf(row.original, profile)}
          onOpen={onOpen}
        />
      ),
    }),
    column.accessor("level", { header: "Level", cell: ({ row }) => <RiskLevel risk={row.original} /> }),
    column.accessor("risk", { header: "Risk", cell: ({ row }) => <RiskCell risk={row.original} /> }),
    ...profile.signals.map(signalColumn),
    column.display({
      id: "factor",
      meta: { wide: true },
      header: "Main reason",
      cell: ({ row }) => <MainFactor risk={row.original} />,
    }),
    column.accessor("timestamp", {
      header: "Last reading",
      cell: ({ getValue }) => <LastReading timestampS={getValue()} cadenceS={profile.cadence_s} />,
    }),
  ];
}

const signalColumn = (signal: Signal) =>
  column.accessor((row) => row.signals[signal.name], {
    id: signal.name,
    header: capitalise(signal.label),
    meta: { align: "right", unit: signal.unit },
    cell: ({ getValue }) => <SignalValue signal={signal} value={getValue()} unit={false} />,
  });

export function RiskLevel({ risk }: { risk: Pick<DeviceRisk, "level" | "decided_by"> }) {
  return <LevelChip level={risk.level} byLimit={risk.decided_by === "limit"} />;
}

export function MainFactor({ risk }: { risk: DeviceRisk }) {
  const [first, ...others] = risk.factors;
  const strongest =
    risk.decided_by === "limit"
      ? first
      : [first, ...others].find((factor) => factor && factor.contribution > 0);
  return <span className="text-muted">{strongest?.text ?? "nothing stands out"}</span>;
}
