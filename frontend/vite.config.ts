import { join } from "node:path";
import { defineConfig, type HtmlTagDescriptor, type Plugin } from "vite";
import solid from "vite-plugin-solid";
import { compileDescriptors } from "./descriptors/compile-descriptors.ts";

/** Where `vite dev` finds a running hub: a port or a whole origin. */
const hub = process.env["LEAPMUX_DEV_HUB"] ?? "4327";
const hubOrigin = /^\d+$/.test(hub) ? `http://127.0.0.1:${hub}` : hub;

/**
 * The terminal, what it imports and the font that it measures before it draws are asked for with the
 * page. Their hashed names are known only once the bundle is.
 */
function preloadTerminal(): Plugin {
  return {
    name: "leapmux-preload-terminal",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (html, { bundle }) =>
        Object.values(bundle ?? {}).flatMap((file): HtmlTagDescriptor[] => {
          const href = `/${file.fileName}`;
          if (/jetbrains-mono-latin-400-normal.*\.woff2$/.test(file.fileName)) {
            const attrs = {
              rel: "preload",
              href,
              as: "font",
              type: "font/woff2",
              crossorigin: true,
            };
            return [{ tag: "link", attrs, injectTo: "head" }];
          }
          if (file.type === "chunk" && file.facadeModuleId?.endsWith("/terminal-view.tsx")) {
            const more = file.imports
              .map((name) => `/${name}`)
              .filter((name) => !html.includes(name));
            return [href, ...more].map((needed) => {
              // As load-chunk.ts asks for it: a script that failed here would stay failed for the life of the page.
              const attrs = { rel: "preload", as: "fetch", href: needed, crossorigin: true };
              return { tag: "link", attrs, injectTo: "head" };
            });
          }
          return [];
        }),
    },
  };
}

/** Puts `app/load-chunk.ts` around the page's imports, in the place of Vite's own helper. */
function loadChunks(): Plugin {
  const helper = "\0vite/preload-helper.js";
  const ours = JSON.stringify(join(import.meta.dirname, "app/load-chunk.ts"));
  let replaced = false;
  return {
    name: "leapmux-load-chunks",
    apply: "build",
    transform(_code, id) {
      if (id !== helper) return null;
      replaced = true;
      return { code: `export { loadChunk as __vitePreload } from ${ours};`, map: null };
    },
    buildEnd(error) {
      if (!error && !replaced) this.error("this Vite keeps its preload helper elsewhere");
    },
  };
}

/**
 * Builds the crypto thread in the same graph as the page, so that what both need (protobuf, the
 * wire) is one file that loads once. Vite alone would bundle it a second time, 12 KiB of gzip.
 */
function shareChunksWithThreads(): Plugin {
  const thread = /new URL\("(\.\/crypto-worker\.ts)", import\.meta\.url\)/;
  return {
    name: "leapmux-share-chunks-with-threads",
    apply: "build",
    enforce: "pre",
    async transform(code, importer) {
      const [whole, path] = thread.exec(code) ?? [];
      if (!whole || !path) return null;
      const entry = await this.resolve(path, importer);
      if (!entry) throw new Error(`${path} does not exist`);
      const name = path.slice(2, -3);
      const file = this.emitFile({ type: "chunk", id: entry.id, name });
      return { code: code.replace(whole, `import.meta.ROLLUP_FILE_URL_${file}`), map: null };
    },
  };
}

/**
 * A build is for people, whatever is set around it: under "test" Vite takes the pages' libraries with
 * their checks for developers.
 */
function buildForProduction(): Plugin {
  return {
    name: "leapmux-build-for-production",
    apply: "build",
    config() {
      process.env["NODE_ENV"] = "production";
    },
  };
}

function compileLinkDescriptors(): Plugin {
  return compileDescriptors(join(import.meta.dirname, "descriptors/link-descriptors.ts"));
}

/** Parts of the first load as one file each: small files compress worse, and each is asked for. */
const firstFiles = [
  { name: "solid", test: /node_modules\/solid-js\//, minShareCount: 2 },
  // What the crypto thread loads too, which has no use for the one above.
  {
    name: "wire",
    test: /node_modules\/@bufbuild\/protobuf\/|\/frontend\/descriptors\/|\/shared\/(?:errors|limits|link|platform|wire)\/|\/frontend\/link\/|\/proto\/gen\/leapmux\/hub\/v1\/(?:account_record|channel|client_link|encryption_mode|error_reason|frame|system)_pb/,
    minShareCount: 2,
  },
];

export default defineConfig({
  root: import.meta.dirname,
  // Files that are not in the repository have no part in a build.
  envDir: false,
  publicDir: false,
  plugins: [
    buildForProduction(),
    solid(),
    compileLinkDescriptors(),
    preloadTerminal(),
    loadChunks(),
    shareChunksWithThreads(),
  ],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["chrome123", "edge123", "firefox128", "safari17.5"],
    sourcemap: false,
    // The content security policy knows no data: and no inline script.
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups: firstFiles } } },
    modulePreload: {
      polyfill: false,
      // Vite names the files of an import only where there are several.
      resolveDependencies: (file, files) => (files.length > 0 ? files : [file]),
    },
  },
  worker: { format: "es", plugins: () => [compileLinkDescriptors()] },
  server: {
    // `leapmux solo` builds beside the development server.
    watch: { ignored: ["**/dist/**", "**/.dist-*/**"] },
    proxy: {
      "^/leapmux\\.": { target: hubOrigin, changeOrigin: true },
      "^/(healthz|readyz)$": { target: hubOrigin, changeOrigin: true },
      "^/link$": {
        target: hubOrigin.replace(/^http/, "ws"),
        ws: true,
        changeOrigin: true,
      },
    },
  },
});
