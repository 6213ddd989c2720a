import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { json, renderFeature, serve } from "@/testing/render";
import { LateFindingNote } from "./late-finding";

const PATH = "/api/v1/risk/late-findings";

const finding = (changes: Record<string, unknown> = {}) => ({
  kettle_id: 4,
  timestamp: 1_767_225_600,
  risk: 0.9,
  threshold: 0.5,
  model_version: "20260101T000000Z",
  possible_at: "2026-01-01T00:00:00Z",
  known_at: "2026-01-04T00:00:00Z",
  alert_id: "00000000-0000-4000-8000-000000000000",
  alerted_at: "2026-01-02T07:00:00Z",
  hours_earlier: 31,
  ...changes,
});

function show(items: unknown[]) {
  const server = serve(PATH, () => json({ items, total: items.length, page: 1, size: 1 }));
  renderFeature(<LateFindingNote device={4} />);
  return server;
}

describe("a late finding", () => {
  it("says how much earlier an alert was possible", async () => {
    show([finding()]);
    expect(
      await screen.findByText(/raised an alert 31 hours earlier than the alert of 2 Jan, 07:00/),
    ).toBeTruthy();
  });

  it("says that no alert was raised", async () => {
    show([finding({ alert_id: null, alerted_at: null, hours_earlier: null })]);
    expect(await screen.findByText(/raised an alert on 1 Jan, 00:00; no alert was raised/)).toBeTruthy();
  });

  it("requests this device and shows nothing if there is none", async () => {
    const server = show([]);
    await waitFor(() => expect(server).toHaveBeenCalled());
    expect(server.mock.calls[0]?.[0].url).toContain("device_id=4");
    expect(screen.queryByText(/arrived late/)).toBeNull();
  });
});
