import { useEffect, useState } from "react";
import { ApiError } from "@/lib/api/problem";

/** Seconds until the server accepts another attempt, counting down; 0 if it does now. */
export function useRetryCountdown(error: unknown): number {
  const [secondsLeft, setSecondsLeft] = useState(0);
  useEffect(() => {
    const seconds = error instanceof ApiError && error.status === 429 ? (error.retryAfterS ?? 5) : 0;
    setSecondsLeft(seconds);
    if (seconds === 0) return;
    const interval = setInterval(() => setSecondsLeft((now) => Math.max(now - 1, 0)), 1000);
    return () => clearInterval(interval);
  }, [error]);
  return secondsLeft;
}
