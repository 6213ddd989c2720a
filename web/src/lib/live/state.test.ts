import { describe, expect, it } from "vitest";
import { event } from "@/testing/fixtures";
import { INITIAL, MAX_EVENTS, reduce } from "./state";

const accepted = (seq: number, rows: number) => event(seq, "telemetry.accepted", { rows });

describe("the live state", () => {
  it("counts the readings accepted since the page was opened", () => {
    const first = reduce(INITIAL, { type: "event", event: accepted(1, 300) });
    const second = reduce(first, { type: "event", event: accepted(2, 41) });
    expect(second.readings).toBe(341);
    expect(second.events.map(({ seq }) => seq)).toEqual([2, 1]);
  });

  it("ignores events that a resume repeats", () => {
    const once = reduce(INITIAL, { type: "event", event: accepted(5, 300) });
    expect(reduce(once, { type: "event", event: accepted(5, 300) })).toBe(once);
    expect(reduce(once, { type: "event", event: accepted(4, 300) })).toBe(once);
  });

  it("does not count readings accepted before the page was opened", () => {
    const state = reduce(INITIAL, { type: "recent", events: [accepted(9, 300)], lastSeq: 9, epoch: "a" });
    expect(state.readings).toBe(0);
    expect(state.lastSeq).toBe(9);
  });

  it("keeps only the newest events", () => {
    let state = INITIAL;
    for (let seq = 1; seq <= MAX_EVENTS + 10; seq += 1)
      state = reduce(state, { type: "event", event: accepted(seq, 1) });
    expect(state.events).toHaveLength(MAX_EVENTS);
    expect(state.events[0]?.seq).toBe(MAX_EVENTS + 10);
  });

  it("keeps its events while the connection is interrupted", () => {
    const state = reduce(INITIAL, { type: "event", event: accepted(1, 3) });
    expect(reduce(state, { type: "connection", connection: "waiting" })).toMatchObject({
      readings: 3,
      lastSeq: 1,
    });
  });
});
