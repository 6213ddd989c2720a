import { describe, expect, it } from "vitest";
import { count, counted, decimal, fleetDateTime, percent, quantity, shortCount, speed } from "./format";

describe("percent", () => {
  it("never rounds a small risk to zero or a large one to certainty", () => {
    expect(percent(0.0002)).toBe("<0.1%");
    expect(percent(0.99995)).toBe(">99.9%");
    expect(percent(0)).toBe("0.0%");
    expect(percent(1)).toBe("100.0%");
    expect(percent(0.0855)).toBe("8.6%");
  });

  it("shows a missing value as a dash", () => {
    expect(percent(null)).toBe("–");
    expect(percent(Number.NaN)).toBe("–");
    expect(decimal(undefined)).toBe("–");
    expect(quantity(null, "V", 2)).toBe("–");
  });
});

describe("counts and times", () => {
  it("groups thousands and shortens large numbers", () => {
    expect(count(14400)).toBe("14,400");
    expect(shortCount(9_999_999)).toBe("9,999,999");
    expect(shortCount(12_345_678)).toBe("12.3M");
    expect(speed(14400)).toBe("×14,400");
  });

  it("uses singular and plural", () => {
    expect(counted(1, "patient")).toBe("1 patient");
    expect(counted(300, "machine")).toBe("300 machines");
    expect(counted(2, "box")).toBe("2 boxes");
  });

  it("formats fleet time in UTC", () => {
    expect(fleetDateTime(1_796_162_909)).toBe("1 Dec 2026, 22:08");
  });

  it("keeps the decimals of a signal", () => {
    expect(quantity(2, "V", 3)).toBe("2.000 V");
  });
});
