/** Runs `work(key)` at once, then at most once per `everyMs` for the same key; later requests run when that time is over. */
export function throttlePerKey(work: (key: string) => void, everyMs: number) {
  const waiting = new Set<string>();
  const pending = new Set<string>();

  function run(key: string): void {
    work(key);
    waiting.add(key);
    setTimeout(onTimeout, everyMs, key);
  }

  function onTimeout(key: string): void {
    waiting.delete(key);
    if (pending.delete(key)) run(key);
  }

  return (key: string): void => {
    if (waiting.has(key)) pending.add(key);
    else run(key);
  };
}
