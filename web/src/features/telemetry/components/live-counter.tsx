import { useEffect, useRef, useState } from "react";
import { count } from "@/lib/format";
import { useLive } from "@/lib/live/store";

const ANNOUNCE_EVERY_MS = 30_000;

/** Readings accepted since the page was opened; screen readers announce them at most twice a minute. */
export function LiveCounter() {
  const readings = useLive((state) => state.readings);
  const announced = useAnnounced(readings);
  return (
    <>
      <span
        aria-hidden="true"
        title="Accepted since you opened this page"
        className="rounded-full bg-accent-soft px-2 py-0.5 font-medium text-accent"
      >
        +{count(readings)} live
      </span>
      <span aria-live="polite" className="sr-only">
        {announced > 0 ? `${count(announced)} readings accepted since you opened the page` : ""}
      </span>
    </>
  );
}

function useAnnounced(readings: number): number {
  const newest = useRef(readings);
  newest.current = readings;
  const [announced, setAnnounced] = useState(0);
  useEffect(() => {
    const interval = setInterval(() => setAnnounced(newest.current), ANNOUNCE_EVERY_MS);
    return () => clearInterval(interval);
  }, []);
  return announced;
}
