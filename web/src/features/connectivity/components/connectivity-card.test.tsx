import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { json, renderFeature, serve } from "@/testing/render";
import { ConnectivityCard } from "./connectivity-card";

const PATH = "/api/v1/connectivity";
const HEARD = "2026-01-01T00:00:00Z";

const fleet = (items: unknown[], more: Record<string, unknown> = {}) =>
  json({
    items,
    total: items.length,
    page: 1,
    size: 5,
    counts: { connected: 90, late: items.length, disconnected: 2 },
    fleet_wide: false,
    ...more,
  });
const late = (device: number, hours: number) => ({
  kettle_id: device,
  state: "late",
  last_heard_at: HEARD,
  silent_s: hours * 3_600,
});

describe("the connection card", () => {
  it("counts by state and lists who is late, each to be opened", async () => {
    serve(PATH, () => fleet([late(7, 50), late(8, 40)]));
    const onOpen = vi.fn();
    renderFeature(<ConnectivityCard onOpen={onOpen} />);
    expect((await screen.findByRole("button", { name: "90 connected" })).ariaPressed).not.toBe("true");
    expect(screen.getByText("silent for 2 days")).toBeTruthy();
    expect(screen.getByText("silent for 40 hours")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Kettle 7" }));
    expect(onOpen).toHaveBeenCalledWith(7);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("asks for the state that is chosen, from its first page", async () => {
    const server = serve(PATH, () => fleet([late(7, 50)], { total: 20 }));
    renderFeature(<ConnectivityCard onOpen={vi.fn()} />);
    await userEvent.click(await screen.findByRole("button", { name: "More" }));
    await userEvent.click(await screen.findByRole("button", { name: "2 disconnected" }));
    const asked = server.mock.calls.map(([request]) => new URL(request.url).search);
    expect(asked).toEqual([
      "?state=late&page=1&size=5",
      "?state=late&page=2&size=5",
      "?state=disconnected&page=1&size=5",
    ]);
  });

  it("says when it is the way that failed and not the devices", async () => {
    serve(PATH, () => fleet([late(7, 50)], { fleet_wide: true }));
    renderFeature(<ConnectivityCard onOpen={vi.fn()} />);
    expect((await screen.findByRole("alert")).textContent).toContain("look at the gateway first");
  });

  it("says that nobody was heard from yet", async () => {
    serve(PATH, () => fleet([], { counts: { connected: 0, late: 0, disconnected: 0 } }));
    renderFeature(<ConnectivityCard onOpen={vi.fn()} />);
    expect(await screen.findByText("No kettles heard from yet")).toBeTruthy();
  });
});
