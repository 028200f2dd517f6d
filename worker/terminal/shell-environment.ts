import { delimiter } from "node:path";

/** Says that we, or who started us, run inside another terminal: not true of the new shell. */
const otherTerminal =
  /^(TMUX|TMUX_PANE|STY|WINDOW|WINDOWID|TERMCAP|COLUMNS|LINES|TERM_PROGRAM|TERM_PROGRAM_VERSION|TERM_SESSION_ID|VTE_VERSION|WT_SESSION|KITTY_.*|ITERM_.*|WEZTERM_.*|ALACRITTY_.*|GNOME_TERMINAL_.*|KONSOLE_.*)$/;
/** Ours, npm's, and what every shell sets for itself. */
const notForChildren =
  /^(LEAPMUX_.*|npm_.*|INIT_CWD|NODE_COMPILE_CACHE|NODE_CHANNEL_FD|NODE_UNIQUE_ID|PWD|OLDPWD|SHLVL|_)$/;

/** The environment of a new shell: the worker's own without what belongs to the worker or its terminal. */
export function makeShellEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  shellPath: string,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined || otherTerminal.test(name) || notForChildren.test(name)) continue;
    environment[name] = value;
  }
  if (Object.keys(own).some((name) => name.startsWith("npm_"))) {
    // npm puts the tools of the project that it started first on the path.
    delete environment["NODE"];
    environment["PATH"] = dropNpmDirectories(environment["PATH"] ?? "");
  }
  const hasLocale = ["LC_ALL", "LC_CTYPE", "LANG"].some((name) => environment[name]);
  if (!hasLocale) environment["LANG"] = process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";
  environment["SHELL"] = shellPath;
  environment["TERM"] = "xterm-256color";
  environment["COLORTERM"] = "truecolor";
  return environment;
}

function dropNpmDirectories(path: string): string {
  const kept = path
    .split(delimiter)
    .filter((directory) => !/[\\/](node_modules[\\/]\.bin|node-gyp-bin)[\\/]?$/.test(directory));
  return kept.join(delimiter);
}
