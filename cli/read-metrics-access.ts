// Who may read /metrics, from settings that must fit together.
import { lstatSync, readFileSync, statSync } from "node:fs";
import type { MetricsAccess } from "@leapmux/hub/ops/serve-metrics.ts";
import { checkPrivatePath } from "@leapmux/shared/platform/check-private-path.ts";
import { CommandError } from "./command-error.ts";

export function readMetricsAccess(settings: {
  metrics: "off" | "loopback" | "token";
  metricsTokenFile: string | undefined;
}): MetricsAccess {
  const { metrics: kind, metricsTokenFile: file } = settings;
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
