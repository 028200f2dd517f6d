/** As much of a browser as a sign-in needs: it keeps cookies by host and path and is led on by redirects. */
export interface CookieBrowser {
  /** One request, not led on. */
  send(url: string, options?: { readonly form?: URLSearchParams }): Promise<Response>;
  /** Until something is no redirect, or leads where `until` says. The last address. */
  follow(url: string, until?: (url: URL) => boolean): Promise<{ url: URL; response: Response }>;
  /** As the Cookie header for an address of this host. */
  cookiesFor(url: string): string;
  setCookie(host: string, cookie: string): void;
}

interface Kept {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

export function makeCookieBrowser(): CookieBrowser {
  let kept: Kept[] = [];

  function setCookie(host: string, cookie: string): void {
    const [pair = "", ...attributes] = cookie.split(/;\s*/);
    const name = pair.slice(0, pair.indexOf("="));
    const value = pair.slice(pair.indexOf("=") + 1);
    const of = (key: string) =>
      attributes.find((each) => each.toLowerCase().startsWith(`${key}=`))?.split("=")[1];
    const path = of("path") ?? "/";
    const isOver = of("max-age") === "0" || Date.parse(of("expires") ?? "") < Date.now();
    kept = kept.filter((each) => each.host !== host || each.path !== path || each.name !== name);
    if (!isOver) kept.push({ host, path, name, value });
  }

  function cookiesFor(url: string): string {
    const { host, pathname } = new URL(url);
    return kept
      .filter((each) => each.host === host && pathname.startsWith(each.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  const browser: CookieBrowser = {
    cookiesFor,
    setCookie,
    async send(url, { form } = {}) {
      const response = await fetch(url, {
        redirect: "manual",
        headers: { cookie: cookiesFor(url) },
        ...(form === undefined ? {} : { method: "POST", body: form }),
      });
      for (const cookie of response.headers.getSetCookie()) setCookie(new URL(url).host, cookie);
      return response;
    },
    async follow(start, until = () => false) {
      let url = new URL(start);
      for (let count = 0; count < 20; count += 1) {
        const response = await browser.send(url.href);
        const location = response.headers.get("location");
        if (location === null) return { url, response };
        await response.body?.cancel();
        url = new URL(location, url);
        if (until(url)) return { url, response };
      }
      throw new Error("led on without end");
    },
  };
  return browser;
}
