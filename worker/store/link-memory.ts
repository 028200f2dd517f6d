import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ensurePrivateDirectory } from "./check-private.ts";
import { writePrivateFile } from "./write-private-file.ts";

/**
 * Which way to the hub worked last: `link.json` in the data directory. Convenience only: what is missing,
 * damaged or about another hub is forgotten, and a file that cannot be written is no reason to fail.
 */
export interface LinkMemory {
  read(): "grpc" | "websocket" | undefined;
  write(kind: "grpc" | "websocket"): void;
}

export function makeLinkMemory(dataDir: string, hub: string): LinkMemory {
  const path = join(dataDir, "link.json");
  return {
    read() {
      try {
        const content = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown> | null;
        if (content?.["hub"] !== hub) return undefined;
        const { link } = content;
        return link === "grpc" || link === "websocket" ? link : undefined;
      } catch {
        return undefined;
      }
    },
    write(kind) {
      try {
        ensurePrivateDirectory(dataDir);
        writePrivateFile(path, `${JSON.stringify({ hub, link: kind })}\n`);
      } catch {
        // Found out again at the next start.
      }
    },
  };
}
