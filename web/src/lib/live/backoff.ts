/** Exponential backoff, bounded, with jitter so that pages do not reconnect all at once. */
const MAX_MS = 30_000;

export function backoffMs(failures: number, baseMs: number, random: () => number = Math.random): number {
  const max = Math.min(baseMs * 2 ** Math.max(failures - 1, 0), MAX_MS);
  return max / 2 + (max / 2) * random();
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
