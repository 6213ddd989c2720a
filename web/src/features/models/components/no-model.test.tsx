import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { json, renderFeature, serve } from "@/testing/render";
import { NoModel } from "./no-model";

const SCHEDULE = {
  interval_h: 168,
  next_at: "2026-02-03T00:00:00Z",
  positive_labels: 12,
  least_positive_labels: 50,
};

const show = (changes: object) => {
  serve("/api/v1/training-runs/schedule", () => json({ ...SCHEDULE, ...changes }));
  renderFeature(<NoModel />);
};

describe("a fleet without a model", () => {
  it("says how many labels the first training still needs", async () => {
    show({});
    expect(await screen.findByText("12 of 50")).toBeTruthy();
    expect(screen.getByRole("progressbar", { name: /known to precede a failure/ })).toBeTruthy();
  });

  it("says when the first training is due", async () => {
    show({ positive_labels: 50 });
    expect(await screen.findByText(/first training is due on .*2026/)).toBeTruthy();
  });

  it("says that nothing trains by itself if the schedule is off", async () => {
    show({ interval_h: 0, next_at: null });
    expect(await screen.findByText(/when somebody requests it/)).toBeTruthy();
  });
});
