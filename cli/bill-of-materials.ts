// `npm run --silent sbom > leapmux.cdx.json`: the software bill of materials of a release, CycloneDX in JSON,
// from the lock file alone, so that it holds every platform's packages with their hashes. Tools of development
// are taken out here, because npm's own `--omit dev` loses packages that both need. What npm adds of the moment
// (a serial number, the time, the directory's name) is left out too: one commit, one document.
import { spawnSync } from "node:child_process";
import path from "node:path";

interface Bill {
  serialNumber: string;
  metadata: { timestamp: string; component: { "bom-ref": string; name: string } };
  components: { "bom-ref": string; properties?: { name: string; value: string }[] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

const root = path.join(import.meta.dirname, "..");
const { status, stdout } = spawnSync(
  "npm",
  ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--package-lock-only"],
  { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 64 * 2 ** 20 },
);
if (status === 0) {
  console.log(JSON.stringify(carriedOnly(JSON.parse(stdout) as Bill), null, 2));
} else {
  console.error("✗ npm could not read package-lock.json: run `npm install` and try again");
  process.exitCode = 1;
}

function carriedOnly({ serialNumber: _serialNumber, metadata, ...bill }: Bill): object {
  const { timestamp: _timestamp, component, ...rest } = metadata;
  const components = bill.components.filter(
    ({ properties = [] }) => !properties.some(({ name }) => name === "cdx:npm:package:development"),
  );
  const kept = new Set([component["bom-ref"], ...components.map((each) => each["bom-ref"])]);
  return {
    ...bill,
    metadata: { ...rest, component: { ...component, name: "leapmux" } },
    components,
    dependencies: bill.dependencies.flatMap(({ ref, dependsOn }) =>
      kept.has(ref) ? [{ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }] : [],
    ),
  };
}
