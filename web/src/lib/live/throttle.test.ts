import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoffMs } from "./backoff";
import { throttlePerKey } from "./throttle";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("throttling", () => {
  it("works at once, then at most once a second, and never forgets the last wish", () => {
    const work = vi.fn();
    const throttle = throttlePerKey(work, 1000);
    for (let asked = 0; asked < 100; asked += 1) throttle.ask("risk");
    expect(work).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(work).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(5000);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it("keeps keys apart", () => {
    const work = vi.fn();
    const throttle = throttlePerKey(work, 1000);
    throttle.ask("risk");
    throttle.ask("alerts");
    expect(work.mock.calls).toEqual([["risk"], ["alerts"]]);
  });
});

describe("backing off", () => {
  it("doubles, and ends at half a minute", () => {
    const waits = [1, 2, 3, 20].map((failures) => backoffMs(failures, 2000, () => 1));
    expect(waits).toEqual([2000, 4000, 8000, 30_000]);
    expect(backoffMs(1, 2000, () => 0)).toBe(1000);
  });
});
