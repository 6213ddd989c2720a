import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// jsdom has no screen: only `min-width` queries match, as on a wide screen.
vi.stubGlobal("matchMedia", (media: string) => ({
  media,
  matches: media.includes("min-width"),
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));

// What a test waits for may come late on a busy machine.
configure({ asyncUtilTimeout: 30_000 });

afterEach(cleanup);
