import { Transform } from "node:stream";

/** Passes bytes on as fast as the reader takes them; fails beyond `maxBytes`. */
export function makeBoundedStream(maxBytes: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      if (passed > maxBytes) done(new TooLargeError());
      else done(null, chunk);
    },
  });
}

export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
  constructor() {
    super("larger than allowed");
  }
}
