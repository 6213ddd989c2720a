import { useLive } from "@/lib/live/store";

const STATES = {
  live: { word: "Live", says: "Connected: news arrive as they happen", dot: "bg-normal-fill" },
  connecting: {
    word: "Connecting",
    says: "Connecting to the live stream",
    dot: "bg-elevated-fill animate-pulse",
  },
  waiting: {
    word: "Reconnecting",
    says: "The live stream is cut; trying again",
    dot: "bg-elevated-fill animate-pulse",
  },
} as const;

export function ConnectionState() {
  const { word, says, dot } = STATES[useLive((state) => state.connection)];
  return (
    <p role="status" title={says} className="flex items-center gap-1.5 text-xs font-medium">
      <span aria-hidden="true" className={`size-2 rounded-full ${dot}`} />
      {word}
    </p>
  );
}
