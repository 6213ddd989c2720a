import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { risk } from "@/testing/fixtures";
import { json, renderFeature, serve } from "@/testing/render";
import { RiskTable } from "./risk-table";

const PATH = "/api/v1/risk";

const page = (items: unknown[], total = items.length) => json({ items, total, page: 1, size: 10 });

function show() {
  const callbacks = { onPage: vi.fn(), onOpen: vi.fn() };
  renderFeature(<RiskTable page={1} {...callbacks} />);
  return callbacks;
}

describe("the risk table", () => {
  it("says that it is loading", () => {
    serve(PATH, () => new Promise<Response>(() => undefined));
    show();
    expect(screen.getByRole("status").textContent).toBe("Loading the risk list");
  });

  it("says why it is empty", async () => {
    serve(PATH, () => page([]));
    show();
    expect(await screen.findByText("No kettles ranked yet")).toBeTruthy();
  });

  it("shows an error, and loads on a retry", async () => {
    let available = false;
    serve(PATH, () => (available ? page([risk(4, 0.9, 50)]) : json({ detail: "no", code: "x" }, 503)));
    show();
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("The risk list could not be loaded");
    available = true;
    await userEvent.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("table")).toBeTruthy();
  });

  it("shows devices, levels and readings with the profile's names", async () => {
    serve(PATH, () => page([risk(4, 0.9, 101.25), risk(5, 0.1, 50)]));
    show();
    const [head, first, second] = within(await screen.findByRole("table")).getAllByRole("row");
    expect(head?.textContent).toContain("Heat°C");
    expect(first?.textContent).toContain("high");
    expect(first?.textContent).toContain("90.0%");
    expect(first?.textContent).toContain("101.3, above normal");
    expect(second?.textContent).not.toContain("normal range");
    expect(second?.textContent).toContain("50.0");
    expect(second?.textContent).not.toContain("above normal");
  });

  it("says how a risk compares, what a hard limit decides, and when there is no level", async () => {
    const young = { ...risk(6, 0.3, 50), level: null, decided_by: null, factors: [], relative_risk: null };
    const limited = { ...risk(5, 0.01, 190), level: "high", decided_by: "limit" };
    serve(PATH, () => page([risk(4, 0.9, 120), limited, young]));
    show();
    const [, first, second, third] = within(await screen.findByRole("table")).getAllByRole("row");
    expect(first?.textContent).toContain("18× the usual");
    expect(second?.textContent).toContain("highhard limit");
    expect(second?.textContent).toContain("0.2× the usual");
    expect(third?.textContent).toContain("no level yet");
    expect(third?.textContent).toContain("nothing stands out");
    expect(third?.textContent).not.toContain("usual");
  });

  it("opens a device by its button and changes pages", async () => {
    serve(PATH, () => page([risk(4, 0.9, 50)], 25));
    const { onOpen, onPage } = show();
    await userEvent.click(await screen.findByRole("button", { name: "Open kettle 4" }));
    expect(onOpen).toHaveBeenCalledWith(4);
    await userEvent.click(screen.getByRole("button", { name: "Next page" }));
    expect(onPage).toHaveBeenCalledWith(2);
    expect(screen.getByRole("button", { name: "Previous page" }).hasAttribute("disabled")).toBe(true);
  });
});
