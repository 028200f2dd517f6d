// Who may import whom (docs/architecture.md), as a table. A rule speaks about the files below `from`;
// each import of theirs is held against `may` or `mayNot`. Type imports count like any other.
import type { Import } from "./source-files.ts";

export interface ImportRule {
  name: string;
  from: (file: string) => boolean;
  allowed: (target: Import, from: string) => boolean;
}

const isTest = (file: string) => /\.test\.tsx?$/.test(file) || file.startsWith("test/");
const below = (folder: string) => (file: string) => file.startsWith(`${folder}/`) && !isTest(file);
const inside = (target: Import, ...folders: string[]) =>
  target.file !== undefined && folders.some((folder) => target.file?.startsWith(`${folder}/`));
const isPackage = (target: Import, ...names: string[]) =>
  target.package !== undefined &&
  names.some((name) => target.package === name || target.package?.startsWith(`${name}/`));

/** The cipher for secrets at rest, and nothing else of its package (docs/adr/0012). */
const isHubCipher = (target: Import, from: string) =>
  from.startsWith("hub/keystore/") && target.specifier === "@noble/ciphers/chacha.js";

const sharedForHub = ["errors", "limits", "platform", "envelope"].map((each) => `shared/${each}`);

export const importRules: readonly ImportRule[] = [
  {
    name: "shared/noise knows errors, limits, platform and noble only",
    from: below("shared/noise"),
    allowed: (target) =>
      inside(target, "shared/noise", "shared/errors", "shared/limits", "shared/platform") ||
      isPackage(target, "@noble"),
  },
  {
    name: "shared/devices knows keys and what devices sign with them, no channel and no calls",
    from: below("shared/devices"),
    allowed: (target) =>
      inside(
        target,
        ...["devices", "identity", "noise", "errors", "limits", "platform"].map(
          (each) => `shared/${each}`,
        ),
      ) ||
      target.file === "proto/gen/leapmux/sealed/v1/device_pb.ts" ||
      isPackage(target, "@bufbuild/protobuf"),
  },
  {
    name: "shared/channel sees bytes, never messages",
    from: below("shared/channel"),
    allowed: (target) =>
      inside(target, "shared", "proto/gen/leapmux/hub") &&
      !inside(target, "shared/wire", "shared/endpoint"),
  },
  {
    name: "shared/wire sees messages, never keys",
    from: below("shared/wire"),
    allowed: (target) =>
      !inside(target, "shared/channel", "shared/noise", "shared/identity", "shared/endpoint") &&
      !isPackage(target, "@noble", "@scure"),
  },
  {
    name: "only shared/endpoint joins messages and keys, only shared/client uses what it makes",
    from: (file) => below("shared")(file) && !/^shared\/(endpoint|client)\//.test(file),
    allowed: (target) => !inside(target, "shared/endpoint"),
  },
  {
    name: "the plain envelope and what lies below it know no cryptography and no messages",
    from: (file) => sharedForHub.some((folder) => below(folder)(file)),
    allowed: (target) => inside(target, ...sharedForHub, "proto/gen/leapmux/hub"),
  },
  {
    name: "shared/client knows no calls inside a channel, and nothing below it knows of clients",
    from: below("shared/client"),
    allowed: (target) =>
      !inside(
        target,
        "shared/wire",
        "shared/channel",
        "shared/terminal",
        "proto/gen/leapmux/sealed",
      ),
  },
  {
    name: "shared/terminal is one view of a terminal on whatever carries its calls",
    from: below("shared/terminal"),
    allowed: (target) =>
      target.file === undefined ||
      inside(target, "shared/terminal", "shared/platform", "shared/link", "shared/identity") ||
      target.file === "proto/gen/leapmux/sealed/v1/terminal_pb.ts",
  },
  {
    name: "the command line's own channel needs neither hub nor worker nor frontend",
    from: below("cli/channel"),
    allowed: (target) =>
      target.file === undefined || inside(target, "cli", "shared", "native", "proto"),
  },
  {
    name: "shared depends on no part of ours but proto, and on no runtime",
    from: below("shared"),
    allowed: (target) =>
      target.file === undefined
        ? !target.specifier.startsWith("node:")
        : inside(target, "shared", "proto"),
  },
  {
    name: "native depends on shared alone",
    from: below("native"),
    allowed: (target) => target.file === undefined || inside(target, "native", "shared"),
  },
  {
    name: "the hub takes of shared only what cannot open a frame, and nothing sealed",
    from: below("hub"),
    allowed: (target, from) =>
      target.file === undefined
        ? !isPackage(target, "@noble", "@scure") || isHubCipher(target, from)
        : inside(target, "hub", "proto/gen/leapmux/hub", ...sharedForHub),
  },
  {
    name: "the worker imports neither hub nor frontend nor the command line",
    from: below("worker"),
    allowed: (target) =>
      target.file === undefined || inside(target, "worker", "shared", "native", "proto"),
  },
  {
    name: "the frontend imports neither hub nor worker, and nothing of Node",
    from: (file) => below("frontend")(file) && file !== "frontend/vite.config.ts",
    allowed: (target) =>
      target.file === undefined
        ? !target.specifier.startsWith("node:")
        : inside(target, "frontend", "shared", "proto"),
  },
  {
    name: "frontend/ui knows nothing of ours but how things look",
    from: below("frontend/ui"),
    allowed: (target) =>
      target.file === undefined || inside(target, "frontend/ui", "frontend/styles"),
  },
  {
    name: "cli/local serves files and passes calls on: it knows no worker and no keys",
    from: below("cli/local"),
    allowed: (target) =>
      target.file === undefined ||
      inside(target, "cli", "hub/ops", "shared/platform", "shared/wire", "proto/gen/leapmux/hub"),
  },
  ...["worker", "frontend"].flatMap((part) => featureRules(part)),
  {
    name: "nothing imports test",
    from: (file) => !isTest(file),
    allowed: (target) => !inside(target, "test"),
  },
  {
    name: "no file of ours reaches into a build or into node_modules",
    from: () => true,
    allowed: (target) =>
      target.file === undefined || !/(^|\/)(node_modules|dist)\//.test(target.file),
  },
];

/** `terminal`, `agent`, `files` and `git` never import each other. */
function featureRules(part: string): ImportRule[] {
  const features = ["terminal", "agent", "files", "git"];
  return features.map((feature) => ({
    name: `${part}/${feature} imports no other feature`,
    from: below(`${part}/${feature}`),
    allowed: (target) =>
      !inside(
        target,
        ...features.filter((each) => each !== feature).map((each) => `${part}/${each}`),
      ),
  }));
}
