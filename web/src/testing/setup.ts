import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// jsdom has no screen: every media query says no, unless a test says otherwise.
vi.stubGlobal("matchMedia", (media: string) => ({
  media,
  matches: media.includes("min-width"),
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));

afterEach(cleanup);
