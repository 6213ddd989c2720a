import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { event } from "@/testing/fixtures";
import { json } from "@/testing/render";
import type { LiveEvent } from "./event";
import { createLiveStore } from "./store";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Server = { epoch: string; events: LiveEvent[] };

/** A server whose stream ends after what it has, so that the page connects again and again. */
function serve(server: Server) {
  vi.stubGlobal("fetch", async (request: Request) => {
    const newest = server.events.at(-1)?.seq ?? 0;
    if (request.url.includes("/live/recent"))
      return json({ items: server.events.toReversed(), last_seq: newest, epoch: server.epoch });
    const asked = request.headers.get("Last-Event-ID");
    const after = asked === null ? newest : Math.min(Number(asked), newest);
    const frames = server.events.filter((one) => one.seq > after);
    const body = frames.map((one) => `id: ${one.seq}\ndata: ${JSON.stringify(one)}\n\n`).join("");
    return new Response(body, { headers: { "Stream-Epoch": server.epoch, "Stream-After": String(after) } });
  });
}

async function shownBeforeAndAfter(server: Server, restore: () => void, then: LiveEvent) {
  serve(server);
  const store = createLiveStore(() => undefined);
  const controller = new AbortController();
  void store.run(controller.signal);
  const shown = () => store.get().events.map((one) => `${one.seq}${one.type}`);
  await vi.advanceTimersByTimeAsync(1_000);
  const before = shown();
  restore();
  await vi.advanceTimersByTimeAsync(1_000);
  server.events = [...server.events, then];
  await vi.advanceTimersByTimeAsync(1_000);
  controller.abort();
  return { before, after: shown() };
}

it("shows what comes after a restore, although its numbers are smaller", async () => {
  const server: Server = { epoch: "a", events: [event(8, "old"), event(9, "old")] };
  const restore = () => Object.assign(server, { epoch: "b", events: [event(3, "restored")] });
  const shown = await shownBeforeAndAfter(server, restore, event(4, "new"));
  expect(shown).toEqual({ before: ["9old", "8old"], after: ["4new", "3restored"] });
});

it("shows them although the numbers have passed the page's by now", async () => {
  const server: Server = { epoch: "a", events: [event(9, "old")] };
  const restore = () =>
    Object.assign(server, { epoch: "b", events: [event(9, "other"), event(10, "other")] });
  const shown = await shownBeforeAndAfter(server, restore, event(11, "new"));
  expect(shown.after).toEqual(["11new", "10other", "9other"]);
});

it("notices smaller numbers alone: an earlier copy of the same volume has the same epoch", async () => {
  const server: Server = { epoch: "a", events: [event(9, "old")] };
  const restore = () => Object.assign(server, { events: [event(3, "restored")] });
  const shown = await shownBeforeAndAfter(server, restore, event(4, "new"));
  expect(shown.after).toEqual(["4new", "3restored"]);
});
