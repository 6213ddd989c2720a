import { describe, expect, it } from "vitest";
import { event, PROFILE } from "@/testing/fixtures";
import { describeEvent } from "./describe-event";

const describeOne = (type: string, summary: Record<string, unknown>) =>
  describeEvent(event(1, type, summary), PROFILE);

describe("event descriptions", () => {
  it("use the profile's word for a device", () => {
    expect(describeOne("telemetry.accepted", { rows: 1200, devices: 300 }).text).toBe(
      "1,200 readings from 300 kettles",
    );
    const raised = describeOne("alert.raised", {
      device_id: 7,
      risk: 0.83,
      factors: ["heat +3 °C in 3 days"],
    });
    expect(raised).toEqual({ text: "Alert, kettle 7 at 83.0%: heat +3 °C in 3 days", tone: "bad" });
  });

  it("count the readings that are not normal", () => {
    expect(describeOne("risk.scored", { scored: 3, levels: { high: 1, elevated: 0, normal: 2 } }).text).toBe(
      "3 readings scored: 1 high",
    );
    expect(describeOne("risk.scored", { scored: 2, levels: { normal: 2 } }).text).toBe(
      "2 readings scored: all normal",
    );
    expect(describeOne("risk.scored", { scored: 3, levels: { normal: 1 } }).text).toBe(
      "3 readings scored: 2 without a level yet",
    );
  });

  it("say that a hard limit raised an alert", () => {
    const raised = { device_id: 7, risk: 0.01, decided_by: "limit", factors: ["heat 190 °C"] };
    expect(describeOne("alert.raised", raised).text).toBe("Alert, kettle 7 at a hard limit: heat 190 °C");
  });

  it("distinguish a correction from a report", () => {
    const failure = { device_id: 7, kind: "failure", corrects: null, withdrawn: false };
    expect(describeOne("outcome.recorded", failure)).toEqual({ text: "Kettle 7: failure", tone: "bad" });
    expect(describeOne("outcome.recorded", { ...failure, corrects: "a" }).text).toBe(
      "Kettle 7: corrected, failure",
    );
    const withdrawn = describeOne("outcome.recorded", { ...failure, corrects: "a", withdrawn: true });
    expect(withdrawn).toEqual({ text: "Kettle 7: withdrawn, failure", tone: "plain" });
  });

  it("count what the register recorded", () => {
    expect(describeOne("device.registered", { entries_count: 3 }).text).toBe("Register: 3 values recorded");
  });

  it("distinguish a silent device from a silent fleet", () => {
    const change = { changed: 3, counts: { connected: 90, late: 2, disconnected: 1 }, fleet_wide: false };
    expect(describeOne("connectivity.changed", change)).toEqual({
      text: "3 kettles changed connectivity, now 2 late, 1 disconnected",
      tone: "plain",
    });
    const span = { downtime_began_at: "2026-01-01T06:00:00Z", downtime_ended_at: "2026-01-04T20:00:00Z" };
    const down = describeOne("connectivity.changed", { ...change, ...span, changed: 0 });
    expect(down.text).toMatch(/^Pacewatch received nothing from 1 Jan.* to 4 Jan.*: no device changed/);
    const wide = describeOne("connectivity.changed", { ...change, fleet_wide: true });
    expect(wide.tone).toBe("bad");
    expect(wide.text).toContain("check the gateway");
  });

  it("show an unknown type by its name", () => {
    expect(describeOne("kettle.descaled", {}).text).toBe("Kettle descaled");
  });
});
