import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { json, renderFeature, serve } from "@/testing/render";
import { LateFindingNote } from "./late-finding";

const PATH = "/api/v1/risk/late-findings";

const finding = (changed: Record<string, unknown> = {}) => ({
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
  ...changed,
});

function show(items: unknown[]) {
  const server = serve(PATH, () => json({ items, total: items.length, page: 1, size: 1 }));
  renderFeature(<LateFindingNote device={4} />);
  return server;
}

describe("what late readings tell", () => {
  it("says how much earlier the alert would have come", async () => {
    show([finding()]);
    expect(await screen.findByText(/alerted 31 hours earlier than the alert of 2 Jan, 07:00/)).toBeTruthy();
  });

  it("says that there was no alert at all", async () => {
    show([finding({ alert_id: null, alerted_at: null, hours_earlier: null })]);
    expect(await screen.findByText(/alerted on 1 Jan, 00:00; no alert was raised/)).toBeTruthy();
  });

  it("asks for this device and shows nothing where there is nothing", async () => {
    const server = show([]);
    await waitFor(() => expect(server).toHaveBeenCalled());
    expect(server.mock.calls[0]?.[0].url).toContain("device=4");
    expect(screen.queryByText(/came late/)).toBeNull();
  });
});
