/**
 * Around every `import()` of the built page (vite.config.ts puts it there): files first, then the
 * import. A browser remembers a module that could not be fetched as failed for the life of the page;
 * so it is not asked for one before everything that belongs to it lies in its cache, and a try while
 * the hub is away spoils nothing.
 */
const timeoutMs = 20_000;
const brought = new Map<string, Promise<void>>();

/** `files`: scripts and styles that the import needs, below the root of the page. */
export async function loadChunk<Module>(
  evaluate: () => Promise<Module>,
  files: readonly string[] = [],
): Promise<Module> {
  await Promise.all(files.map((file) => bring(`/${file}`)));
  return evaluate();
}

function bring(path: string): Promise<void> {
  const known = brought.get(path);
  if (known) return known;
  if (isThere(path)) return Promise.resolve();
  const bringing = path.endsWith(".css") ? addStyles(path) : fetchScript(path);
  brought.set(path, bringing);
  bringing.catch(() => brought.delete(path));
  return bringing;
}

/** What the document itself asked for, and got: the styles of the page, and the script that runs here. */
function isThere(path: string): boolean {
  if (document.querySelector(`script[src="${path}"]`)) return true;
  const link = document.querySelector<HTMLLinkElement>(`link[rel="stylesheet"][href="${path}"]`);
  return link?.sheet != null;
}

async function fetchScript(path: string): Promise<void> {
  const answer = await fetch(path, { signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(`${path}: HTTP status ${answer.status}`);
  // The whole of it, else it does not stay in the cache.
  await answer.arrayBuffer();
}

function addStyles(path: string): Promise<void> {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.crossOrigin = "";
  link.href = path;
  return new Promise((resolve, reject) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error(`${path} could not be loaded`));
    });
    document.head.append(link);
  });
}
