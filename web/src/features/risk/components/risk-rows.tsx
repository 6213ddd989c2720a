import { flexRender, getCoreRowModel, useReactTable } from "@tanstack/react-table";
import { useMemo } from "react";
import { deviceOf, useProfile } from "@/lib/fleet/profile";
import { plural } from "@/lib/format";
import type { DeviceRisk } from "../api/get-risks";
import { riskColumns } from "./columns";

export type RowsProps = { rows: DeviceRisk[]; onOpen: (device: number) => void; dim: boolean };

export function RiskRows({ rows, onOpen, dim }: RowsProps) {
  const profile = useProfile();
  const columns = useMemo(() => riskColumns(profile, onOpen), [profile, onOpen]);
  const table = useReactTable({
    data: rows,
    columns,
    getCoreRowModel: getCoreRowModel(),
    manualPagination: true,
    getRowId: (risk) => String(deviceOf(risk, profile)),
  });
  return (
    <div className="overflow-x-auto">
      <table aria-busy={dim} className={`w-full text-[0.8125rem] ${dim ? "opacity-60" : ""}`}>
        <caption className="sr-only">{plural(profile.device_noun, 2)} by risk, highest first</caption>
        <thead className="border-y border-line bg-sunken text-xs text-muted">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map(({ id, column, getContext }) => (
                <th key={id} scope="col" className={cell(column.columnDef.meta)}>
                  {flexRender(column.columnDef.header, getContext())}
                  {column.columnDef.meta?.unit && (
                    <span className="block font-normal">{column.columnDef.meta.unit}</span>
                  )}
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className="relative border-b border-line last:border-0 hover:bg-sunken">
              {row.getVisibleCells().map((one) => (
                <td key={one.id} className={cell(one.column.columnDef.meta)}>
                  {flexRender(one.column.columnDef.cell, one.getContext())}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Meta = { align?: "left" | "right"; wide?: boolean };

const cell = ({ align = "left", wide = false }: Meta = {}): string =>
  `px-2 py-2.5 2xl:px-2.5 first:pl-4 last:pr-4 font-medium ${align === "right" ? "text-right" : "text-left"} ${wide ? "" : "w-px"}`;
