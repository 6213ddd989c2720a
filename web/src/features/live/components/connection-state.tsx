import { useLive } from "@/lib/live/store";

const STATES = {
  live: { label: "Live", title: "Connected: events arrive as they happen", dot: "bg-normal-fill" },
  connecting: {
    label: "Connecting",
    title: "Connecting to the live stream",
    dot: "bg-elevated-fill animate-pulse",
  },
  waiting: {
    label: "Reconnecting",
    title: "The live stream was interrupted; reconnecting",
    dot: "bg-elevated-fill animate-pulse",
  },
} as const;

export function ConnectionState() {
  const { label, title, dot } = STATES[useLive((state) => state.connection)];
  return (
    <p role="status" title={title} className="flex items-center gap-1.5 text-xs font-medium">
      <span aria-hidden="true" className={`size-2 rounded-full ${dot}`} />
      {label}
    </p>
  );
}
