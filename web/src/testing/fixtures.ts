/** Small made-up rows for tests, of a made-up kind of device, so that no test depends on a real profile's names. */
import type { Profile } from "@/lib/fleet/profile";
import type { LiveEvent } from "@/lib/live/event";

export const PROFILE: Profile = {
  name: "kettle",
  device_noun: "kettle",
  device_field: "kettle_id",
  signals: [
    {
      name: "heat_c",
      label: "heat",
      unit: "°C",
      decimals: 1,
      normal: { low: 10, high: 100 },
      plausible: { low: -20, high: 200 },
    },
  ],
  label: { name: "boils_dry_next_3d", horizon_days: 3 },
  cadence_s: 3_600,
  attributes: [{ name: "bought_at", label: "bought", kind: "date" }],
  daily_alert_budget: 0.1,
};

export const event = (seq: number, type: string, summary: Record<string, unknown> = {}): LiveEvent => ({
  seq,
  type,
  subject: "",
  time: "2026-01-01T00:00:00Z",
  correlation_id: "",
  summary,
});

export const risk = (device: number, share: number, heat: number) => ({
  kettle_id: device,
  risk: share,
  level: share >= 0.5 ? "high" : "normal",
  decided_by: "model",
  relative_risk: share / 0.05,
  timestamp: 1_767_225_600,
  model_version: "20260101T000000Z",
  threshold: 0.5,
  signals: { heat_c: heat },
  factors: [{ name: "heat_c", value: heat, contribution: 1, text: `heat ${heat} °C` }],
  contributions: { heat_c: 1 },
  scored_at: "2026-01-01T00:00:00Z",
});
