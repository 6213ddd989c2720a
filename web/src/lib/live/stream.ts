/** Follows GET live while the page is open: reconnects after an interruption and resumes after the last event. */
import { gateway } from "@/lib/api/clients";
import { backoffMs, pause } from "./backoff";
import { type LiveEvent, parseEvent } from "./event";
import { createParser } from "./sse";
import type { Connection, Position } from "./state";

/** The server sends something at least every 15 s: after more than twice that time the connection is dead. */
const SILENCE_MS = 35_000;
const BASE_MS = 2_000;

export type StreamHandlers = {
  lastSeq: () => number | null;
  /** Called before the first event of each connection, which waits for it. */
  onOpened: (position: Position) => Promise<void>;
  onEvent: (event: LiveEvent) => void;
  onConnection: (connection: Connection) => void;
};

export async function followStream(handlers: StreamHandlers, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let baseMs = BASE_MS;
  while (!signal.aborted) {
    try {
      baseMs = (await readConnection(handlers, signal)) ?? baseMs;
      failures = 0;
    } catch {
      failures += 1;
    }
    if (signal.aborted) return;
    handlers.onConnection("waiting");
    // A stream that ended without an error ended because its token expired: the next one may start at once.
    await pause(failures === 0 ? 250 : backoffMs(failures, baseMs), signal);
  }
}

/** One connection until it ends; returns the retry time that the server asked for, if any, in milliseconds. */
async function readConnection(handlers: StreamHandlers, signal: AbortSignal): Promise<number | null> {
  const timeout = silenceTimeout(signal);
  try {
    const { body, position } = await open(handlers.lastSeq(), timeout.signal);
    if (position) await handlers.onOpened(position);
    handlers.onConnection("live");
    return await readAll(body, handlers, timeout);
  } finally {
    timeout.stop();
  }
}

async function open(lastSeq: number | null, signal: AbortSignal) {
  const { response } = await gateway.GET("/api/v1/live", {
    params: { header: { "Last-Event-ID": lastSeq } },
    headers: { Accept: "text/event-stream" },
    parseAs: "stream",
    cache: "no-store",
    signal,
  });
  if (!response.ok || !response.body) throw new Error(`live: ${response.status}`);
  return { body: response.body as ReadableStream<Uint8Array>, position: positionIn(response.headers) };
}

/** Null if a proxy has taken the headers away. */
function positionIn(headers: Headers): Position | null {
  const [epoch, after] = [headers.get("Stream-Epoch"), headers.get("Stream-After")];
  return epoch === null || after === null ? null : { epoch, after: Number(after) };
}

type SilenceTimeout = ReturnType<typeof silenceTimeout>;

async function readAll(
  body: ReadableStream<Uint8Array>,
  handlers: StreamHandlers,
  timeout: SilenceTimeout,
): Promise<number | null> {
  const parser = createParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  timeout.signal.addEventListener("abort", () => void reader.cancel().catch(() => undefined));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return parser.retryMs();
    timeout.restart();
    for (const frame of parser.push(decoder.decode(value, { stream: true }))) {
      const event = parseEvent(frame.data);
      if (event) handlers.onEvent(event);
    }
  }
}

function silenceTimeout(outer: AbortSignal) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let timer = setTimeout(abort, SILENCE_MS);
  outer.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    restart: () => {
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
