import { useEffect, useRef, useState } from "react";
import { count } from "@/lib/format";
import { useLive } from "@/lib/live/store";

const SPOKEN_EVERY_MS = 30_000;

/** Readings accepted since the page was opened; spoken at most twice a minute. */
export function LiveCounter() {
  const readings = useLive((state) => state.readings);
  const spoken = useSpoken(readings);
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
        {spoken > 0 ? `${count(spoken)} readings accepted since you opened the page` : ""}
      </span>
    </>
  );
}

function useSpoken(readings: number): number {
  const newest = useRef(readings);
  newest.current = readings;
  const [spoken, setSpoken] = useState(0);
  useEffect(() => {
    const speaking = setInterval(() => setSpoken(newest.current), SPOKEN_EVERY_MS);
    return () => clearInterval(speaking);
  }, []);
  return spoken;
}
