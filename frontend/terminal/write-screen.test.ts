import { describe, expect, it } from "vitest";
import { highWaterBytes, lowWaterBytes, makeScreenWriter } from "./write-screen.ts";

// The tests run on Node; the part is compiled for browsers.
declare function setImmediate(run: () => void): void;

function setUp() {
  const parsed: (() => void)[] = [];
  const writer = makeScreenWriter((_data, done) => parsed.push(done));
  const settled = async (promise: Promise<void>) => {
    let done = false;
    void promise.then(() => {
      done = true;
    });
    await new Promise<void>((resolve) => setImmediate(resolve));
    return done;
  };
  return { writer, parsed, settled };
}

describe("makeScreenWriter", () => {
  it("lets the stream go on while xterm has little to do", async () => {
    const { writer, settled } = setUp();
    expect(await settled(writer.write(new Uint8Array(1000)))).toBe(true);
    expect(writer.bytesInFlight).toBe(1000);
  });

  it("stops the stream at the high water mark and lets go at the low one", async () => {
    const { writer, parsed, settled } = setUp();
    const part = lowWaterBytes;
    let last = Promise.resolve();
    for (let sent = 0; sent < highWaterBytes; sent += part)
      last = writer.write(new Uint8Array(part));
    expect(await settled(last)).toBe(false);
    while (writer.bytesInFlight > lowWaterBytes) parsed.shift()!();
    expect(await settled(last)).toBe(true);
  });

  it("lets a waiting stream go when the screen ends", async () => {
    const { writer, settled } = setUp();
    const write = writer.write(new Uint8Array(highWaterBytes));
    writer.release();
    expect(await settled(write)).toBe(true);
    expect(await settled(writer.write(new Uint8Array(highWaterBytes)))).toBe(true);
  });
});
