import { expect, test } from "vitest";
import { makeShellEnvironment } from "./shell-environment.ts";

test("what belongs to the worker or its own terminal stays here", () => {
  const environment = makeShellEnvironment(
    {
      HOME: "/home/me",
      PATH: "/repo/node_modules/.bin:/usr/lib/node_modules/npm/node-gyp-bin:/usr/bin",
      LEAPMUX_WORKER_REGISTRATION_KEY: "secret",
      npm_config_registry: "x",
      NODE: "/somewhere/node",
      TMUX: "x",
      KITTY_WINDOW_ID: "1",
      TERM: "dumb",
      SHLVL: "4",
      EDITOR: "vim",
      UNSET: undefined,
    },
    "/bin/zsh",
  );
  expect(environment).toEqual({
    HOME: "/home/me",
    PATH: "/usr/bin",
    EDITOR: "vim",
    SHELL: "/bin/zsh",
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
    LANG: expect.stringMatching(/UTF-8$/) as string,
  });
});

test("a locale that is set stays, and so does the path of somebody who did not start us by npm", () => {
  const path = "/me/node_modules/.bin:/usr/bin";
  const environment = makeShellEnvironment(
    { LC_CTYPE: "de_DE.UTF-8", PATH: path, NODE: "n" },
    "/bin/sh",
  );
  expect(environment).not.toHaveProperty("LANG");
  expect(environment["PATH"]).toBe(path);
  expect(environment["NODE"]).toBe("n");
});
