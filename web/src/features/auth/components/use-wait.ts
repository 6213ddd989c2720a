import { useEffect, useState } from "react";
import { ApiError } from "@/lib/api/problem";

/** Seconds until the server takes another attempt, counting down. */
export function useWait(error: unknown): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const seconds = error instanceof ApiError && error.status === 429 ? (error.retryAfterS ?? 5) : 0;
    setLeft(seconds);
    if (seconds === 0) return;
    const counting = setInterval(() => setLeft((now) => Math.max(now - 1, 0)), 1000);
    return () => clearInterval(counting);
  }, [error]);
  return left;
}
