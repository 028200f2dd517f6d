import { spawn } from "node:child_process";

/** Hands the address to the desktop; that there is no browser is no reason to trouble anybody. */
export function openBrowser(url: string): void {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(opener, [url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
