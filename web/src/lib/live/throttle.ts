/** Runs `work(key)` at once, then at most once per `everyMs` for the same key; what came meanwhile runs at the end. */
export function throttlePerKey(work: (key: string) => void, everyMs: number) {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const asked = new Set<string>();

  function run(key: string): void {
    work(key);
    timers.set(key, setTimeout(settle, everyMs, key));
  }

  function settle(key: string): void {
    timers.delete(key);
    if (asked.delete(key)) run(key);
  }

  return {
    ask: (key: string): void => {
      if (timers.has(key)) asked.add(key);
      else run(key);
    },
    stop: (): void => {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      asked.clear();
    },
  };
}
