import { type BrowserCookie, makeBrowserCookie } from "./browser-cookie.ts";

/** The cookie that carries a browser's login. */
export type LoginCookie = BrowserCookie;

/** The hub decides when a login ends; the browser only has to keep it until then. As long as browsers allow. */
const maxAgeSeconds = 400 * 24 * 60 * 60;

export function makeLoginCookie(isSecure: boolean): LoginCookie {
  return makeBrowserCookie({ name: "leapmux-login", maxAgeSeconds, isSecure });
}
