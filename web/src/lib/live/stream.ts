/** Follows GET live for as long as the page is open: resumes after the last event, and comes back when it is cut. */
import { gateway } from "@/lib/api/clients";
import { backoffMs, pause } from "./backoff";
import { type LiveEvent, parseEvent } from "./event";
import { createParser } from "./sse";
import type { Connection } from "./state";

/** The server speaks at least every 15 s: more than twice that in silence is a dead connection. */
const SILENCE_MS = 35_000;
const BASE_MS = 2_000;

export type Watcher = {
  lastSeq: () => number | null;
  onEvent: (event: LiveEvent) => void;
  onConnection: (connection: Connection) => void;
};

export async function follow(watcher: Watcher, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let baseMs = BASE_MS;
  while (!signal.aborted) {
    try {
      baseMs = (await readOnce(watcher, signal)) ?? baseMs;
      failures = 0;
    } catch {
      failures += 1;
    }
    if (signal.aborted) return;
    watcher.onConnection("waiting");
    // A stream that ended well ran out with its token: the next one may begin at once.
    await pause(failures === 0 ? 250 : backoffMs(failures, baseMs), signal);
  }
}

/** One connection, until it ends; the server's wish for the time between two, if it has one. */
async function readOnce(watcher: Watcher, signal: AbortSignal): Promise<number | null> {
  const silence = watchdog(signal);
  try {
    const body = await open(watcher.lastSeq(), silence.signal);
    watcher.onConnection("live");
    return await readAll(body, watcher, silence);
  } finally {
    silence.stop();
  }
}

async function open(lastSeq: number | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const { response } = await gateway.GET("/api/v1/live", {
    params: { header: { "Last-Event-ID": lastSeq } },
    headers: { Accept: "text/event-stream" },
    parseAs: "stream",
    cache: "no-store",
    signal,
  });
  if (!response.ok || !response.body) throw new Error(`live: ${response.status}`);
  return response.body;
}

type Silence = ReturnType<typeof watchdog>;

async function readAll(
  body: ReadableStream<Uint8Array>,
  watcher: Watcher,
  silence: Silence,
): Promise<number | null> {
  const parser = createParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  silence.signal.addEventListener("abort", () => void reader.cancel().catch(() => undefined));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return parser.retryMs();
    silence.heard();
    for (const frame of parser.push(decoder.decode(value, { stream: true }))) {
      const event = parseEvent(frame.data);
      if (event) watcher.onEvent(event);
    }
  }
}

function watchdog(outer: AbortSignal) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let timer = setTimeout(abort, SILENCE_MS);
  outer.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(abort, SILENCE_MS);
    },
    stop: () => {
      clearTimeout(timer);
      outer.removeEventListener("abort", abort);
      abort();
    },
  };
}
