import { useMemo } from "react";
import { Chart } from "@/components/ui/chart";
import { QueryView } from "@/components/ui/query-view";
import { Empty } from "@/components/ui/states";
import { isOutside, type Signal, useProfile } from "@/lib/fleet/profile";
import { capitalise, count, quantity } from "@/lib/format";
import { type Reading, useDeviceReadings } from "../api/get-device-readings";

export function ReadingsCharts({ device }: { device: number }) {
  const profile = useProfile();
  const readings = useDeviceReadings(device);
  const empty = <Empty title="No readings stored" />;
  return (
    <section aria-labelledby="readings-heading">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 id="readings-heading" className="font-semibold">
          Readings
        </h3>
        <p className="flex items-center gap-1.5 text-xs text-muted">
          <span
            aria-hidden="true"
            className="inline-block h-2.5 w-4 rounded-sm bg-normal-soft ring-1 ring-line"
          />
          normal range
          <span aria-hidden="true" className="ml-2 inline-block size-2 rounded-full bg-high-fill" />
          outside it
        </p>
      </div>
      <QueryView
        what="Readings"
        query={readings}
        lines={6}
        isEmpty={(data) => data.length === 0}
        empty={empty}
      >
        {(data) => (
          <div className="flex flex-col gap-5">
            {profile.signals.map((signal) => (
              <SignalChart key={signal.name} signal={signal} readings={data} />
            ))}
          </div>
        )}
      </QueryView>
    </section>
  );
}

function SignalChart({ signal, readings }: { signal: Signal; readings: readonly Reading[] }) {
  const { times, values } = useMemo(() => toColumns(readings, signal.name), [readings, signal.name]);
  const format = useMemo(() => (value: number) => quantity(value, signal.unit, signal.decimals), [signal]);
  return (
    <Chart
      title={capitalise(signal.label)}
      summary={summarise(signal, values)}
      times={times}
      values={values}
      normal={signal.normal}
      format={format}
    />
  );
}

function toColumns(readings: readonly Reading[], name: string) {
  const points = readings.flatMap(({ timestamp, signals }) => {
    const value = signals[name];
    return value === undefined ? [] : [{ timestamp, value }];
  });
  return { times: points.map((one) => one.timestamp), values: points.map((one) => one.value) };
}

function summarise(signal: Signal, values: readonly number[]): string {
  const last = values.at(-1);
  if (last === undefined) return "no values";
  const outside = values.filter((value) => isOutside(signal, value)).length;
  const newest = `last ${quantity(last, signal.unit, signal.decimals)}`;
  return outside === 0
    ? `${newest}, all normal`
    : `${newest}, ${count(outside)} of ${count(values.length)} outside`;
}
