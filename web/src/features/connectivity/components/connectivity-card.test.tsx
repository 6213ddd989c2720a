import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { json, renderFeature, serve } from "@/testing/render";
import { ConnectivityCard } from "./connectivity-card";

const PATH = "/api/v1/connectivity";
const LAST_HEARD_AT = "2026-01-01T00:00:00Z";

const connectivity = (items: unknown[], changes: Record<string, unknown> = {}) =>
  json({
    items,
    total: items.length,
    page: 1,
    size: 5,
    counts: { connected: 90, late: items.length, disconnected: 2 },
    fleet_wide: false,
    ...changes,
  });
const late = (device: number, hours: number) => ({
  kettle_id: device,
  state: "late",
  last_heard_at: LAST_HEARD_AT,
  silent_s: hours * 3_600,
});

describe("the connectivity card", () => {
  it("counts devices by state, and lists and opens the late ones", async () => {
    serve(PATH, () => connectivity([late(7, 50), late(8, 40)]));
    const onOpen = vi.fn();
    renderFeature(<ConnectivityCard onOpen={onOpen} />);
    expect((await screen.findByRole("button", { name: "90 connected" })).ariaPressed).not.toBe("true");
    expect(screen.getByText("silent for 2 days")).toBeTruthy();
    expect(screen.getByText("silent for 40 hours")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Kettle 7" }));
    expect(onOpen).toHaveBeenCalledWith(7);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("requests the selected state from its first page", async () => {
    const server = serve(PATH, () => connectivity([late(7, 50)], { total: 20 }));
    renderFeature(<ConnectivityCard onOpen={vi.fn()} />);
    await userEvent.click(await screen.findByRole("button", { name: "More" }));
    await userEvent.click(await screen.findByRole("button", { name: "2 disconnected" }));
    const requested = server.mock.calls.map(([request]) => new URL(request.url).search);
    expect(requested).toEqual([
      "?state=late&page=1&size=5",
      "?state=late&page=2&size=5",
      "?state=disconnected&page=1&size=5",
    ]);
  });

  it("warns when many devices stopped reporting at once", async () => {
    serve(PATH, () => connectivity([late(7, 50)], { fleet_wide: true }));
    renderFeature(<ConnectivityCard onOpen={vi.fn()} />);
    expect((await screen.findByRole("alert")).textContent).toContain("check the gateway first");
  });

  it("says that no device has reported yet", async () => {
    serve(PATH, () => connectivity([], { counts: { connected: 0, late: 0, disconnected: 0 } }));
    renderFeature(<ConnectivityCard onOpen={vi.fn()} />);
    expect(await screen.findByText("No kettles have reported yet")).toBeTruthy();
  });

  it("names a downtime of the platform itself", async () => {
    const span = { downtime_began_at: "2026-01-01T06:00:00Z", downtime_ended_at: "2026-01-04T20:00:00Z" };
    serve(PATH, () => connectivity([], span));
    renderFeature(<ConnectivityCard onOpen={vi.fn()} />);
    expect((await screen.findByText(/itself received nothing from/)).textContent).toMatch(/1 Jan.*to.*4 Jan/);
  });
});
