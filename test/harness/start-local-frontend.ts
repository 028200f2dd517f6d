/** What `leapmux open` serves, in this process, for a hub of the test's choice. */
import { join } from "node:path";
import { loadStaticFiles } from "@leapmux/hub/ops/static-files.ts";
import { makeEntrance } from "@leapmux/cli/local/entrance.ts";
import { makeLocalFrontend } from "@leapmux/cli/local/serve-frontend.ts";
import { freePort } from "./free-port.ts";
import type { Cleanup } from "./make-cleanup.ts";
import { rawRequest } from "./raw-http.ts";

export const dist = join(import.meta.dirname, "../../frontend/dist");

export interface StartedLocalFrontend {
  readonly port: number;
  readonly host: string;
  readonly origin: string;
  /** Replaced by each `freshSecret`. */
  freshSecret(): string;
  /** Headers of the page of a browser that was let in. */
  letIn(): Promise<{ host: string; origin: string; cookie: string }>;
  /** What was written down of refused requests. */
  readonly refusals: readonly string[];
}

export const loginToken = `lml_${"d".repeat(43)}`;

export async function startLocalFrontend(
  cleanup: Cleanup,
  hub: string,
  readToken: () => string | undefined = () => loginToken,
): Promise<StartedLocalFrontend> {
  const port = await freePort();
  const name = "lm-test.localhost";
  const entrance = makeEntrance({ port });
  const refusals: string[] = [];
  const frontend = makeLocalFrontend({
    name,
    port,
    files: loadStaticFiles(dist),
    hub: { origin: hub, readToken },
    entrance,
    version: "0.0.0-test",
    logRefusal: (event, fields) => void refusals.push(JSON.stringify([event, fields])),
    onEntered: () => undefined,
  });
  await frontend.listen("127.0.0.1");
  cleanup.add(() => frontend.close());
  const host = `${name}:${port}`;
  const origin = `http://${host}`;
  return {
    port,
    host,
    origin,
    freshSecret: () => entrance.makeSecret(),
    refusals,
    async letIn() {
      const answer = await rawRequest(port, {
        method: "POST",
        path: "/enter",
        headers: { host, origin },
        body: entrance.makeSecret(),
      });
      const cookie = answer.headers["set-cookie"]?.[0]?.split(";", 1)[0];
      if (cookie === undefined) throw new Error(`not let in: ${answer.status}`);
      return { host, origin, cookie };
    },
  };
}
