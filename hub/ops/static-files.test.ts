import { expect, test } from "vitest";
import { loadStaticFiles } from "./static-files.ts";

test("without a frontend there is a page that says how to build it", async () => {
  for (const directory of [null, "/nonexistent/frontend"]) {
    const page = await loadStaticFiles(directory).find("/")?.read(null);
    expect(page?.content.toString()).toContain("npm run build");
  }
});
