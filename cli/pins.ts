// `leapmux pins list | remove WORKER`: the keys of workers that this command line remembers (protocol §8).
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { fingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import { makePinFile, type NamedPin } from "./channel/pin-file.ts";
import { CommandError } from "./command-error.ts";
import { formatTable } from "./format-table.ts";
import type { Output } from "./output.ts";

export async function runPins(options: {
  readonly request:
    | { readonly action: "list" }
    | { readonly action: "remove"; readonly worker: string };
  /** Of this hub only. */
  readonly hub: string | undefined;
  readonly json: boolean;
  readonly configHome: string;
  readonly output: Output;
}): Promise<number> {
  const { request, hub, json, output } = options;
  const file = makePinFile(options.configHome);
  const pins = file.list().filter((pin) => hub === undefined || pin.hub === hub);
  if (request.action === "list") {
    const rows = await Promise.all(pins.map(describe));
    if (json) output.print(JSON.stringify({ pins: rows }));
    else if (rows.length === 0) output.print("No worker's key is pinned.");
    else {
      const head = ["NAME", "ID", "WORDS", "MODE", "LAST USED", "HUB"];
      const cells = rows.map((row) => [
        row.name,
        row.worker_id,
        row.words,
        row.mode,
        row.last_used_at.slice(0, 10),
        row.hub,
      ]);
      for (const line of formatTable(head, cells)) output.print(line);
    }
    return 0;
  }

  const { worker } = request;
  const byId = pins.filter(({ workerId }) => workerId === worker);
  const found = byId.length > 0 ? byId : pins.filter(({ name }) => name === worker);
  const [pin, second] = found;
  const next = "`leapmux pins list` shows which there are.";
  if (!pin) throw new CommandError("failure", `no key of ${worker} is pinned`, next);
  if (second)
    throw new CommandError(
      "usage",
      `several pins are of ${worker}`,
      `Give the id and --hub. ${next}`,
    );
  file.remove(pin.hub, pin.workerId);
  const { words } = await describe(pin);
  if (json) output.print(JSON.stringify({ removed: pin.workerId, hub: pin.hub }));
  else {
    output.print(`Forgot the key of ${pin.name} (${words}).`);
    output.print("The next `leapmux shell` shows the words of whatever it meets: compare them.");
  }
  return 0;
}

async function describe(pin: NamedPin) {
  const { words } = await fingerprint(pin.compositeKey, nativeScrypt);
  return {
    name: pin.name,
    worker_id: pin.workerId,
    hub: pin.hub,
    words: formatWords(words),
    mode: pin.mode,
    last_used_at: new Date(pin.lastUsedAtMs).toISOString(),
  };
}
