import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// jsdom has no screen: only `min-width` queries match, as on a wide screen.
vi.stubGlobal("matchMedia", (media: string) => ({
  media,
  matches: media.includes("min-width"),
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));

afterEach(cleanup);
