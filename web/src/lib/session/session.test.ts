import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { json } from "@/testing/render";

beforeEach(() => void vi.resetModules());
afterEach(() => void vi.useRealTimers());

const token = (value: string) => json({ access_token: value, token_type: "bearer", expires_in: 900 });

function serveRefresh(answer: () => Response | Promise<Response>) {
  const server = vi.fn(async () => answer());
  vi.stubGlobal("fetch", server);
  return server;
}

describe("the session", () => {
  it("exchanges the cookie once for simultaneous requests", async () => {
    const server = serveRefresh(() => token("a"));
    const session = await import("./session");
    await Promise.all([session.refresh(), session.refresh(), session.refresh()]);
    expect(server).toHaveBeenCalledTimes(1);
    expect(await session.currentToken()).toBe("a");
    session.endSession();
  });

  it("ends when the server rejects the cookie, not when the server is unreachable", async () => {
    serveRefresh(() => json({ detail: "rejected", code: "refresh_token_invalid" }, 401));
    const session = await import("./session");
    expect(await session.refresh()).toBe("out");

    vi.resetModules();
    serveRefresh(() => Promise.reject(new TypeError("no network")));
    const other = await import("./session");
    expect(await other.refresh()).toBe("unreachable");
    other.endSession();
  });

  it("gets a new token before the old one expires", async () => {
    vi.useFakeTimers();
    const server = serveRefresh(() => token("b"));
    const session = await import("./session");
    session.startSession({ access_token: "a", token_type: "bearer", expires_in: 900 });
    await vi.advanceTimersByTimeAsync(841_000);
    expect(server).toHaveBeenCalledTimes(1);
    expect(await session.currentToken()).toBe("b");
    session.endSession();
  });
});
