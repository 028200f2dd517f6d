// `node cli/with-node.cjs FILE.ts|TOOL [args]`: runs a file of ours, or a tool of node_modules/.bin,
// on the pinned Node. All npm scripts go through here, so that none of them depends on the machine's
// Node, nor on install scripts, which .npmrc switches off.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { explainMissing, findNode, linkInto, runOn } = require("./pinned-node.cjs");

const binDir = path.join(__dirname, "..", "node_modules", ".bin");
const node = findNode();
if (node === undefined) {
  explainMissing();
} else {
  linkInto(binDir, node);
  const [name = "", ...args] = process.argv.slice(2);
  const script = /\.[cm]?[jt]s$/.test(name) ? name : fs.realpathSync(path.join(binDir, name));
  const environment = {
    ...process.env,
    PATH: `${binDir}${path.delimiter}${process.env["PATH"] || ""}`,
  };
  runOn(node, [script, ...args], environment);
}
