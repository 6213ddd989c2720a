import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Factors } from "./factors";

const factor = (name: string, contribution: number) => ({
  name,
  value: 120,
  contribution,
  text: `${name} 120 °C, was 80 °C a month ago; normal 10 to 100 °C`,
  signal: name,
  baseline: 80,
  baseline_days: 29,
});

const lines = () => screen.getAllByRole("listitem").map((line) => line.textContent ?? "");

describe("the reasons of a risk", () => {
  it("are facts, each with its direction", () => {
    render(<Factors risk={{ factors: [factor("heat", 0.4), factor("rim", -0.1)], decided_by: "model" }} />);
    expect(lines()[0]).toMatch(/heat 120 °C, was 80 °C a month ago.*raises/);
    expect(lines()[1]).toMatch(/rim.*lowers/);
  });

  it("begin with the hard limit that decides, even if the model says the opposite", () => {
    render(<Factors risk={{ factors: [factor("heat", -0.4), factor("rim", 0.1)], decided_by: "limit" }} />);
    expect(lines()[0]).toMatch(/heat.*decides/);
    expect(lines()[1]).toMatch(/rim.*raises/);
  });

  it("say when nothing stands out", () => {
    render(<Factors risk={{ factors: [], decided_by: "model" }} />);
    expect(screen.getByText(/No signal stands out/)).toBeTruthy();
  });
});
