import { readFile } from "node:fs/promises";
import { defineConfig, type HtmlTagDescriptor, type Plugin } from "vite";
import solid from "vite-plugin-solid";

/** Where `vite dev` finds a running hub: a port or a whole origin. */
const hub = process.env["LEAPMUX_DEV_HUB"] ?? "4327";
const hubOrigin = /^\d+$/.test(hub) ? `http://127.0.0.1:${hub}` : hub;

/**
 * The terminal and the font that it measures before it draws are asked for with the page. Their
 * hashed names are known only once the bundle is.
 */
function preloadTerminal(): Plugin {
  return {
    name: "leapmux-preload-terminal",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }) =>
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
            const attrs = { rel: "modulepreload", href, crossorigin: true };
            return [{ tag: "link", attrs, injectTo: "head" }];
          }
          return [];
        }),
    },
  };
}

/**
 * Builds the crypto thread in the same graph as the page, so that what both need (protobuf, the
 * wire) is one file that loads once. Vite alone would bundle it a second time, 20 KiB of gzip.
 */
function shareChunksWithThreads(): Plugin {
  const thread = /new URL\("(\.\/[\w-]+-worker\.ts)", import\.meta\.url\)/;
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
 * Gives the signatures of devices their own copy of noble. Shared with the handshake, all that either
 * needs of a module would load before the first terminal, which needs no device: 5 KiB of gzip.
 */
function keepDeviceCodeApart(): Plugin {
  const entry = /\/shared\/identity\/noble-device-primitives\.ts$/;
  const mark = "?device";
  return {
    name: "leapmux-keep-device-code-apart",
    apply: "build",
    enforce: "pre",
    async resolveId(source, importer) {
      if (!importer || !(entry.test(importer) || importer.endsWith(mark))) return null;
      const found = await this.resolve(source, importer.replace(mark, ""), { skipSelf: true });
      if (!found || !/\/node_modules\/@noble\//.test(found.id)) return found;
      return { ...found, id: `${found.id}${mark}` };
    },
    load(id) {
      return id.endsWith(mark) ? readFile(id.slice(0, -mark.length), "utf8") : null;
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [solid(), preloadTerminal(), shareChunksWithThreads(), keepDeviceCodeApart()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["chrome123", "edge123", "firefox128", "safari17.5"],
    sourcemap: false,
    // The content security policy knows no data: and no inline script.
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // A thread has no document to preload by: its parts simply import what they need.
      resolveDependencies: (_file, dependencies, { hostId }) =>
        /(^|\/)(crypto-worker|browser-device-desk)-/.test(hostId) ? [] : dependencies,
    },
  },
  worker: { format: "es" },
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
