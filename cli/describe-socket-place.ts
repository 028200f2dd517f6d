import path from "node:path";
import type { SocketPlaceError } from "@leapmux/hub/ops/socket-file.ts";
import { CommandError } from "./command-error.ts";

/** Why a hub cannot serve on its socket in the file system, and what to do about it. */
export function describeSocketPlace(error: SocketPlaceError): CommandError {
  const { code, path: place } = error;
  const directory = path.dirname(place);
  const [why, next] = {
    taken: [
      "another program serves there",
      "Stop that one, or choose another place with --local-listen.",
    ],
    no_socket: [
      "another file is there",
      "Move it away, or choose another place with --local-listen.",
    ],
    no_directory: [
      `there is no directory ${directory}`,
      `Make it with: mkdir -m 700 ${directory}\nOr choose another place with --local-listen.`,
    ],
    no_permission: [
      `nothing may be made in ${directory} by this user`,
      "Choose a place in a directory of your own with --local-listen.",
    ],
    unusable: [
      "the operating system refuses it",
      "Choose another place with --local-listen; its path may have about 100 characters.",
    ],
  }[code];
  return new CommandError("failure", `there can be no socket at ${place}: ${why}`, next, error);
}
