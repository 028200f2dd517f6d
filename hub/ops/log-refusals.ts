import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { HubLog, LogFields } from "./hub-log.ts";

/** What strangers can cause at will is logged a few times a minute, then only counted. */
export type LogRefusal = (event: string, fields: LogFields) => void;

const windowMs = 60_000;
const maxPerWindow = 10;

export function makeLogRefusal(log: HubLog, clock: Clock): LogRefusal {
  let startMs = clock.now();
  let count = 0;
  return (event, fields) => {
    if (clock.now() - startMs >= windowMs) {
      if (count > maxPerWindow) log.warn("more refusals", { count: count - maxPerWindow });
      startMs = clock.now();
      count = 0;
    }
    count += 1;
    if (count <= maxPerWindow) log.warn(event, fields);
  };
}
