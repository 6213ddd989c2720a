/** How long to wait before the n-th attempt in a row: doubling, bounded, and spread so that pages do not return as one. */
const LONGEST_MS = 30_000;

export function backoffMs(failures: number, baseMs: number, random: () => number = Math.random): number {
  const most = Math.min(baseMs * 2 ** Math.max(failures - 1, 0), LONGEST_MS);
  return most / 2 + (most / 2) * random();
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
