import { chmodSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { commandArguments, listShells, shellArguments } from "./choose-shell.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-shells-"));
});

function make(name: string, mode = 0o755): string {
  const path = join(directory, name);
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, mode);
  return path;
}

test("what can be run is listed once, the login shell first", () => {
  const bash = make("bash");
  const zsh = make("zsh");
  make("fish", 0o644);
  const nologin = make("nologin");
  symlinkSync(bash, join(directory, "sh"));
  const again = join(directory, "again");
  symlinkSync(directory, again);
  const shellsFile = join(directory, "shells");
  writeFileSync(shellsFile, `# comment\n${nologin}\n${again}/zsh\n/nowhere/bash\n`);

  const shells = listShells({
    loginShells: [null, "/nowhere/zsh", zsh],
    searchPath: `${directory}:relative`,
    shellsFile,
  });
  expect(shells[0]).toEqual({ path: zsh, name: "zsh", isDefault: true });
  // `sh` is the same binary as `bash` and behaves otherwise: both are there.
  expect(shells.slice(1).map(({ path }) => path)).toEqual([bash, join(directory, "sh")]);
});

test("the operator's choice wins over the login shell", () => {
  const preferred = make("bash");
  const shells = listShells({
    preferred,
    loginShells: ["/bin/sh"],
    searchPath: "",
    shellsFile: "/nowhere",
  });
  expect(shells).toEqual([{ path: preferred, name: "bash", isDefault: true }]);
});

test("each shell is told in its own way to run one command", () => {
  expect(commandArguments({ name: "fish" }, "ls; false")).toEqual(["-c", "ls; false"]);
  expect(commandArguments({ name: "pwsh" }, "ls")).toEqual(["-Command", "ls"]);
});

test("each shell is told in its own way to be a login shell", () => {
  const isLogin = true;
  expect(shellArguments({ name: "bash" }, { isLogin })).toEqual(["-l", "-i"]);
  expect(shellArguments({ name: "tcsh" }, { isLogin })).toEqual(["-l"]);
  expect(shellArguments({ name: "pwsh" }, { isLogin })).toEqual(["-Login"]);
  expect(shellArguments({ name: "tmux" }, { isLogin })).toEqual([]);
  expect(shellArguments({ name: "bash" }, { isLogin: false })).toEqual([]);
});
