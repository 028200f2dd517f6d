#!/usr/bin/env node
// The front door: goes over to the Node that the project brings along, whatever Node started this
// file, and loads main.ts there. Readable by old Nodes.
"use strict";
const path = require("node:path");
const { explainMissing, findNode, isNewEnough, runOn } = require("./pinned-node.cjs");

if (isNewEnough()) {
  // Compiled code is kept between starts; a place that cannot be written is no reason to fail.
  require("node:module").enableCompileCache(
    path.join(__dirname, "..", "node_modules", ".cache", "leapmux"),
  );
  import(require("node:url").pathToFileURL(path.join(__dirname, "main.ts")).href).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  const node = findNode();
  if (node === undefined) explainMissing();
  else runOn(node, [__filename, ...process.argv.slice(2)], process.env);
}
