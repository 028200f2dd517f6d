// Every test of the repository: unit tests beside their files, everything with two parties in test/.
// Browser journeys and command-line tests start real processes and so have projects with their own limits.
import { defineConfig } from "vitest/config";

const unit = ["shared", "native", "hub", "worker", "cli"].map((part) => `${part}/**/*.test.ts`);
const never = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  test: {
    reporters: ["default", "./test/closing-line-reporter.ts"],
    // Prints the seed of the property tests once, so that any failure can be run again.
    globalSetup: ["./test/property-seed.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Bounds turn a hang into a failure; no test asserts a duration, and machines are busy at times.
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: unit,
          exclude: never,
          setupFiles: ["./test/use-property-seed.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // Solid's reactive build: the one for Node is meant for rendering on a server.
        resolve: { conditions: ["browser", "development"] },
        ssr: { resolve: { conditions: ["browser", "development"] } },
        test: {
          name: "frontend",
          include: ["frontend/**/*.test.ts"],
          exclude: never,
          setupFiles: ["./test/use-property-seed.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          server: { deps: { inline: [/solid-js/, /@solidjs/, /@solid-primitives/] } },
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "journeys",
          include: ["test/**/*.test.ts"],
          exclude: [...never, "test/browser/**", "test/load/**"],
          globalSetup: ["./test/build-frontend.ts"],
          setupFiles: ["./test/use-property-seed.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          exclude: never,
          globalSetup: ["./test/build-frontend.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // One browser at a time: two of them on two cores would measure each other.
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
