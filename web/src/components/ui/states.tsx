/** The states of a view without data: loading, empty, failed. */
import type { ReactNode } from "react";
import { errorMessage } from "@/lib/api/problem";
import { Button } from "./button";
import { Icon } from "./icon";

const WIDTHS = ["88%", "70%", "94%", "62%", "80%"];

export function Loading({ what, lines = 3 }: { what: string; lines?: number }) {
  return (
    <div role="status" className="flex flex-col gap-3 py-1">
      <span className="sr-only">Loading {what}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span
          key={line}
          className="h-3.5 animate-pulse rounded bg-line"
          style={{ width: WIDTHS[line % WIDTHS.length] }}
        />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="py-2">
      <p className="font-medium text-ink">{title}</p>
      {children && <div className="mt-1 max-w-prose text-[0.8125rem] text-muted">{children}</div>}
    </div>
  );
}

type FailedProps = { what: string; error: unknown; onRetry: () => void; busy?: boolean };

export function Failed({ what, error, onRetry, busy = false }: FailedProps) {
  return (
    <div role="alert" className="flex flex-col items-start gap-2 py-1">
      <p className="flex items-center gap-2 font-medium text-high">
        <Icon name="warning" /> {what} could not be loaded
      </p>
      <p className="text-[0.8125rem] text-muted">{errorMessage(error)}</p>
      <Button onClick={onRetry} disabled={busy}>
        {busy ? "Trying…" : "Try again"}
      </Button>
    </div>
  );
}
