import { describe, expect, it } from "vitest";
import { createParser, type Frame } from "./sse";

const STREAM =
  'retry: 2000\n: welcome\n\nid: 7\nevent: risk.scored\ndata: {"seq":7}\n\n: still here\n\nid: 8\r\nevent: a\r\ndata: one\r\ndata: two\r\n\r\n';

const FRAMES: Frame[] = [
  { id: "7", event: "risk.scored", data: '{"seq":7}' },
  { id: "8", event: "a", data: "one\ntwo" },
];

describe("the event stream parser", () => {
  it("reads frames, comments and the retry time", () => {
    const parser = createParser();
    expect(parser.push(STREAM)).toEqual(FRAMES);
    expect(parser.retryMs()).toBe(2000);
  });

  it("gives the same frames for two chunks cut at any position", () => {
    for (let cut = 1; cut < STREAM.length; cut += 1) {
      const parser = createParser();
      const frames = [...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))];
      expect(frames, `cut at ${cut}`).toEqual(FRAMES);
    }
  });

  it("gives the same frames for single characters", () => {
    const parser = createParser();
    expect([...STREAM].flatMap((character) => parser.push(character))).toEqual(FRAMES);
  });

  it("waits for the blank line that ends a frame", () => {
    const parser = createParser();
    expect(parser.push("data: half\n")).toEqual([]);
    expect(parser.push("\n")).toEqual([{ id: null, event: "message", data: "half" }]);
  });

  it("removes one space after the colon and keeps the others", () => {
    expect(createParser().push("data:  two\n\n")[0]?.data).toBe(" two");
    expect(createParser().push("data\n\n")[0]?.data).toBe("");
  });
});
