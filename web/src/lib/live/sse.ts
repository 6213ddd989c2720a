/** Server-sent events from a fetched body: EventSource cannot send a token. Follows the WHATWG parsing rules. */
export type Frame = { id: string | null; event: string; data: string };

export type Parser = { push: (text: string) => Frame[]; retryMs: () => number | null };

/** Accepts text in chunks of any size; lines, frames and CRLF pairs may be split anywhere. */
export function createParser(): Parser {
  let buffer = "";
  let retry: number | null = null;
  let id: string | null = null;
  let event = "";
  let data: string[] = [];

  function parseLine(line: string): Frame | null {
    if (line === "") return dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
    else if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "retry" && /^\d+$/.test(value)) retry = Number(value);
    return null;
  }

  function dispatch(): Frame | null {
    const frame = data.length > 0 ? { id, event: event || "message", data: data.join("\n") } : null;
    event = "";
    data = [];
    return frame;
  }

  function push(text: string): Frame[] {
    const { lines, remainder } = splitLines(buffer + text);
    buffer = remainder;
    return lines.map(parseLine).filter((frame) => frame !== null);
  }

  return { push, retryMs: () => retry };
}

/** Complete lines. A CR at the very end stays in the remainder, because an LF may follow. */
function splitLines(text: string): { lines: string[]; remainder: string } {
  const held = text.endsWith("\r") ? 1 : 0;
  const lines = text.slice(0, text.length - held).split(/\r\n|\n|\r/);
  const remainder = (lines.pop() ?? "") + text.slice(text.length - held);
  return { lines, remainder };
}
