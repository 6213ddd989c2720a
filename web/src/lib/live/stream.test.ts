import { afterEach, expect, it, vi } from "vitest";
import { event } from "@/testing/fixtures";
import type { LiveEvent } from "./event";
import type { Connection } from "./state";
import { follow } from "./stream";

afterEach(() => void vi.useRealTimers());

const frame = (one: LiveEvent): string =>
  `id: ${one.seq}\nevent: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`;

it("resumes after the last event it saw when the stream is cut, and after a refusal", async () => {
  vi.useFakeTimers();
  const answers = [
    () => new Response(frame(event(3, "a"))),
    () => new Response("{}", { status: 503 }),
    () => new Response(frame(event(4, "b"))),
    () => new Response(new ReadableStream()),
  ];
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request.headers.get("Last-Event-ID"));
    return answers[asked.length - 1]?.();
  });
  const seen: number[] = [];
  const connections: Connection[] = [];
  const leaving = new AbortController();
  const watcher = {
    lastSeq: () => seen.at(-1) ?? null,
    onEvent: (one: LiveEvent) => void seen.push(one.seq),
    onConnection: (connection: Connection) => void connections.push(connection),
  };
  const following = follow(watcher, leaving.signal);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen).toEqual([3, 4]);
  expect(asked).toEqual([null, "3", "3", "4"]);
  expect(connections.at(-1)).toBe("live");

  leaving.abort();
  await vi.advanceTimersByTimeAsync(40_000);
  await following;
  expect(asked).toHaveLength(4);
});
