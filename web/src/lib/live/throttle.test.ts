import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoffMs } from "./backoff";
import { throttlePerKey } from "./throttle";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("throttling", () => {
  it("runs at once, then at most once a second, and never drops the last request", () => {
    const work = vi.fn();
    const throttle = throttlePerKey(work, 1000);
    for (let request = 0; request < 100; request += 1) throttle("risk");
    expect(work).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(work).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(5000);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it("throttles each key separately", () => {
    const work = vi.fn();
    const throttle = throttlePerKey(work, 1000);
    throttle("risk");
    throttle("alerts");
    expect(work.mock.calls).toEqual([["risk"], ["alerts"]]);
  });
});

describe("backoff", () => {
  it("doubles up to 30 seconds", () => {
    const waits = [1, 2, 3, 20].map((failures) => backoffMs(failures, 2000, () => 1));
    expect(waits).toEqual([2000, 4000, 8000, 30_000]);
    expect(backoffMs(1, 2000, () => 0)).toBe(1000);
  });
});
