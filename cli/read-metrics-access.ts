// Who may read /metrics, from settings that must fit together.
import { lstatSync, readFileSync, statSync } from "node:fs";
import type { MetricsAccess } from "@leapmux/hub/ops/serve-metrics.ts";
import { checkPrivatePath } from "@leapmux/shared/platform/check-private-path.ts";
import { CommandError } from "./command-error.ts";

export function readMetricsAccess(settings: {
  metrics: "off" | "loopback" | "token";
  metricsTokenFile: string | undefined;
  publicUrl?: string | undefined;
}): MetricsAccess {
  const { metrics: kind, metricsTokenFile: file, publicUrl } = settings;
  // A proxy on this machine calls from it as well, and hands on whoever asks.
  if (kind === "loopback" && publicUrl !== undefined) {
    throw new CommandError(
      "usage",
      "--metrics loopback is refused with --public-url: a proxy on this machine would show them to everybody",
      "Use --metrics token with --metrics-token-file.",
    );
  }
  if (kind !== "token") {
    if (file === undefined) return { kind };
    throw new CommandError("usage", "metrics-token-file is of use with --metrics token alone");
  }
  if (file === undefined) {
    throw new CommandError("usage", "--metrics token needs --metrics-token-file");
  }
  const token = readPrivately(file);
  if (!/^[\x21-\x7e]{16,512}$/.test(token)) {
    throw new CommandError(
      "usage",
      `the token in ${file} must have 16 to 512 characters without spaces`,
      `Make one: (umask 077; openssl rand -hex 32 > ${file})`,
    );
  }
  return { kind, token };
}

function readPrivately(file: string): string {
  try {
    const [own, target] = [lstatSync(file), statSync(file)];
    checkPrivatePath({ path: file, what: "file", own, target, userId: process.getuid?.() });
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const message = error instanceof Error ? error.message : "it cannot be read";
    throw new CommandError("usage", `metrics-token-file: ${message}`, undefined, error);
  }
}
