import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FaultOperation } from "./fault-operation.ts";

/** Writes over what is there: the runner has to find that. */
export const carelessFault: FaultOperation = {
  name: "careless",
  prepare(directory) {
    mkdirSync(directory);
    writeFileSync(join(directory, "file"), "the former text");
    return Promise.resolve(null);
  },
  start: (directory) =>
    Promise.resolve(() => {
      writeFileSync(join(directory, "file"), "");
      writeFileSync(join(directory, "file"), "the latter text");
      return Promise.resolve();
    }),
  check(directory) {
    const text = readFileSync(join(directory, "file"), "utf8");
    if (!/^the (former|latter) text$/.test(text)) throw new Error("the text is lost");
    return Promise.resolve();
  },
  checkDone: () => Promise.resolve(),
};
