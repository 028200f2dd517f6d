/**
 * Runs in the page before the product: looks at every message that the crypto thread hands over decrypted, and
 * checks byte by byte that the terminal output in them is numbered lines (harness/numbered-lines) without a gap,
 * a repetition or a foreign byte. Must stay free of references to anything outside the function.
 */
export interface ReceivedLines {
  lines: number;
  /** What was wrong first. */
  wrong?: string;
  ended: boolean;
}

export function checkReceivedLines(): void {
  const received: ReceivedLines = { lines: 0, ended: false };
  Reflect.set(globalThis, "receivedLines", received);

  const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const encoder = new TextEncoder();
  const fillings = Array.from(alphabet, (_, start) =>
    encoder.encode(` ${alphabet.repeat(3).slice(start, start + 88)}\r\n`),
  );
  const begin = "== lines begin ==\r\n";
  const end = "== lines end ==";
  const wanted = new Uint8Array(100);
  let started = false;
  let before = "";
  let at = 0;

  function expectLine(index: number): void {
    wanted.set(encoder.encode(String(index).padStart(9, "0")));
    wanted.set(fillings[index % fillings.length]!, 9);
  }

  function take(bytes: Uint8Array): void {
    let from = 0;
    if (!started) {
      before += new TextDecoder("latin1").decode(bytes);
      const found = before.indexOf(begin);
      if (found < 0) return;
      started = true;
      from = bytes.length - (before.length - found - begin.length);
      expectLine(0);
    }
    for (; from < bytes.length && !received.ended; from += 1) {
      if (bytes[from] !== wanted[at]) {
        // The first byte of the end mark is none of a line.
        if (at === 0 && bytes[from] === end.charCodeAt(0)) received.ended = true;
        else received.wrong ??= `line ${received.lines}, byte ${at}: ${bytes[from]}`;
        if (received.wrong !== undefined) return;
      }
      at += 1;
      if (at < 100) continue;
      at = 0;
      received.lines += 1;
      expectLine(received.lines);
    }
  }

  /** The first length-delimited field of this number in a protobuf message. */
  function readField(bytes: Uint8Array, number: number): Uint8Array | undefined {
    let offset = 0;
    const readVarint = (): number => {
      let value = 0;
      for (let scale = 1; offset < bytes.length; scale *= 128) {
        const byte = bytes[offset]!;
        offset += 1;
        value += (byte & 127) * scale;
        if (byte < 128) break;
      }
      return value;
    };
    while (offset < bytes.length) {
      const key = readVarint();
      if (key % 8 === 0) readVarint();
      else if (key % 8 === 1) offset += 8;
      else if (key % 8 === 5) offset += 4;
      else if (key % 8 === 2) {
        const length = readVarint();
        if (Math.floor(key / 8) === number) return bytes.subarray(offset, offset + length);
        offset += length;
      } else return undefined;
    }
    return undefined;
  }

  /** Message.data, AttachTerminalResponse.output, Output.data. */
  function look(message: Uint8Array): void {
    const data = readField(message, 17);
    const output = data && readField(data, 3);
    const bytes = output && readField(output, 2);
    if (bytes) take(bytes);
  }

  const OwnWorker = globalThis.Worker;
  globalThis.Worker = class extends OwnWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data }: MessageEvent) => {
        const { kind, messages } = data as { kind: string; messages: { message: Uint8Array }[] };
        if (kind === "received") for (const { message } of messages) look(message);
      });
    }
  };
}
