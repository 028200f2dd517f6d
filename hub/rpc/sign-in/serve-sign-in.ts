import type { ServerResponse } from "node:http";
import type { Authenticator } from "../../accounts/authenticator.ts";
import { isSecret } from "../../accounts/account-tokens.ts";
import type { HubLog } from "../../ops/hub-log.ts";
import type { Request, Response } from "../../ops/listen.ts";
import { sendText } from "../../ops/send-file.ts";
import { returnPathOf } from "../../sign-in/return-path.ts";
import type { SignInOutcome } from "../../sign-in/sign-in-outcome.ts";
import { callbackPathOf, type SignIn } from "../../sign-in/sign-in.ts";
import type { AccountParts } from "../account-parts.ts";
import { placeFrom } from "../call-place.ts";
import { beginSignIn } from "./begin-sign-in.ts";
import { finishSignIn } from "./finish-sign-in.ts";

/**
 * The two addresses that a browser is sent to rather than calls: out to a provider, and back from it. Both answer
 * with nothing but a redirect, out by the provider's own address, back by a path of ours without anything in it:
 * what happened waits for the page under the secret of the browser.
 */
export interface SignInPages {
  /** Null: no address of these. */
  find(path: string): SignInPage | null;
}

export interface SignInPage {
  readonly kind: "login" | "callback";
  serve(request: Request, response: Response, address: string): Promise<void>;
}

const form = /^\/auth\/oauth\/(prv_[\w-]{22})\/(login|callback)$/;
const maxFormBytes = 64 * 1024;
const outcomePath = "/sign-in";

export function makeSignInPages(
  parts: AccountParts & { readonly signIn: SignIn; readonly authenticator: Authenticator },
): SignInPages {
  const { signIn, cookie: loginCookie, authenticator, log } = parts;

  function keep(response: Response, browser: string, outcome: SignInOutcome): void {
    signIn.outcomes.put(browser, outcome);
    appendCookie(response, signIn.cookie.set(browser));
    redirect(response, outcomePath);
  }

  async function serveLogin(providerId: string, page: Asked): Promise<void> {
    const { request, response, query, address } = page;
    const returnTo = returnPathOf(query.get("return_to"));
    const begun = await beginSignIn(parts, {
      ...{ providerId, address, returnTo, link: null },
      cookieHeader: request.headers.cookie ?? null,
    });
    if (!begun.ok) {
      const { code, provider } = begun;
      const providerName = provider?.name ?? "";
      return keep(response, begun.browser, { kind: "refused", code, providerName, returnTo });
    }
    appendCookie(response, signIn.cookie.set(begun.browser));
    redirect(response, begun.url.href);
  }

  async function serveCallback(providerId: string, page: Asked): Promise<void> {
    const { request, response, query, address } = page;
    const cookies = request.headers.cookie ?? null;
    const held = signIn.cookie.read(cookies);
    const browser = held !== null && isSecret(held, "lms_") ? held : null;
    const caller = await authenticator.authenticate(
      { get: (name) => (name === "cookie" ? cookies : null) },
      address,
    );
    const place = placeFrom(address, request.headers["user-agent"] ?? "");
    const answered = { providerId, browser, answer: query, place, caller };
    const finished = await finishSignIn(parts, answered);
    if (finished.kind === "logged_in") {
      appendCookie(response, loginCookie.set(finished.token));
      if (browser !== null) signIn.outcomes.take(browser);
      return redirect(response, finished.returnTo);
    }
    // Without a secret there is nothing to keep it under, and the page says that nothing waits.
    if (browser === null) return redirect(response, outcomePath);
    keep(response, browser, finished);
  }

  /**
   * Apple's way back: a form that the browser posts from Apple's page. As it comes from another site, no cookie of
   * ours comes with it, and none has to: the answer is laid down under its state, and the browser, sent on to the
   * callback by GET, shows there whose it is. Somebody else's page that posts here knows no state.
   */
  async function servePosted(providerId: string, page: Asked): Promise<void> {
    const { request, response } = page;
    const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
    if (type !== "application/x-www-form-urlencoded") {
      return sendText(request, response, 415, "This takes a form.");
    }
    const body = await readBounded(request, maxFormBytes);
    if (body === null) return sendText(request, response, 413, "This form is too long.");
    const answer = new URLSearchParams(body);
    const state = answer.get("state") ?? "";
    const isKept = signIn.attempts.keepAnswer(state, providerId, answer);
    const query = isKept ? `?${new URLSearchParams({ state }).toString()}` : "";
    redirect(response, `${callbackPathOf(providerId)}${query}`);
  }

  return {
    find(path) {
      const [, providerId, kind] = form.exec(path) ?? [];
      if (providerId === undefined || (kind !== "login" && kind !== "callback")) return null;
      return {
        kind,
        async serve(request, response, address) {
          response.setHeader("cache-control", "no-store");
          const search = (request.url ?? "").split("?").slice(1).join("?");
          const page = { request, response, address, query: new URLSearchParams(search) };
          const isPost = request.method === "POST";
          if (!isPost && request.method !== "GET") {
            response.setHeader("allow", kind === "callback" ? "GET, POST" : "GET");
            return sendText(request, response, 405, "Only GET is possible here.");
          }
          try {
            if (kind === "login") {
              if (isPost) return sendText(request, response, 405, "Only GET is possible here.");
              await serveLogin(providerId, page);
            } else if (isPost) {
              await servePosted(providerId, page);
            } else {
              await serveCallback(providerId, page);
            }
          } catch (error) {
            logFailure(log, error, kind);
            sendText(request, response, 500, "The hub failed: its log says where.");
          }
        },
      };
    },
  };
}

interface Asked {
  readonly request: Request;
  readonly response: Response;
  readonly query: URLSearchParams;
  readonly address: string;
}

function logFailure(log: HubLog, error: unknown, kind: string): void {
  log.failure("sign-in failed", error, { kind });
}

/** 303: whatever it was, what follows is a GET. */
function redirect(response: Response, location: string): void {
  const writable = response as ServerResponse;
  if (writable.destroyed) return;
  writable.setHeader("location", location);
  writable.writeHead(303);
  writable.end();
}

function appendCookie(response: Response, cookie: string): void {
  (response as ServerResponse).appendHeader("set-cookie", cookie);
}

/** Null: too long. The deadline of a body is the listener's. */
async function readBounded(request: Request, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
