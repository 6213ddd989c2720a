import { afterEach, expect, it, vi } from "vitest";
import { event } from "@/testing/fixtures";
import type { LiveEvent } from "./event";
import type { Connection } from "./state";
import { followStream } from "./stream";

afterEach(() => void vi.useRealTimers());

const frame = (one: LiveEvent): string =>
  `id: ${one.seq}\nevent: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`;

it("reconnects after an interruption or an error, and resumes after the last event", async () => {
  vi.useFakeTimers();
  const responses = [
    () => new Response(frame(event(3, "a"))),
    () => new Response("{}", { status: 503 }),
    () => new Response(frame(event(4, "b"))),
    () => new Response(new ReadableStream()),
  ];
  const requested: (string | null)[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    requested.push(request.headers.get("Last-Event-ID"));
    return responses[requested.length - 1]?.();
  });
  const seen: number[] = [];
  const connections: Connection[] = [];
  const controller = new AbortController();
  const handlers = {
    lastSeq: () => seen.at(-1) ?? null,
    onOpened: async () => undefined,
    onEvent: (one: LiveEvent) => void seen.push(one.seq),
    onConnection: (connection: Connection) => void connections.push(connection),
  };
  const following = followStream(handlers, controller.signal);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen).toEqual([3, 4]);
  expect(requested).toEqual([null, "3", "3", "4"]);
  expect(connections.at(-1)).toBe("live");

  controller.abort();
  await vi.advanceTimersByTimeAsync(40_000);
  await following;
  expect(requested).toHaveLength(4);
});
