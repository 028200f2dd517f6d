import type { ServerResponse } from "node:http";
import type { Request, Response } from "./listen.ts";
import type { StaticFile } from "./static-files.ts";

/** A short answer for people. */
export function sendText(request: Request, response: Response, status: number, text: string): void {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.setHeader("cache-control", "no-store");
  finish(request, response, status, Buffer.from(`${text}\n`));
}

export function sendFile(request: Request, response: Response, file: StaticFile): void {
  const accepted = (request.headers["accept-encoding"] ?? "").split(/\s*,\s*/);
  const encoded = file.encoded.find(({ encoding }) => accepted.includes(encoding)) ?? null;
  response.setHeader("content-type", file.contentType);
  // A page is asked for anew each time, cheaply by its tag; what bears its hash in its name never is.
  response.setHeader(
    "cache-control",
    file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  );
  if (file.encoded.length > 0) response.setHeader("vary", "accept-encoding");
  const tag = encoded === null ? file.etag : file.etag.replace(/"$/, `-${encoded.encoding}"`);
  response.setHeader("etag", tag);
  if (request.headers["if-none-match"] === tag) {
    finish(request, response, 304, null);
    return;
  }
  if (encoded !== null) response.setHeader("content-encoding", encoded.encoding);
  finish(request, response, 200, (encoded ?? file).content);
}

function finish(
  request: Request,
  response: Response,
  status: number,
  content: Buffer | null,
): void {
  // Both versions of HTTP write alike; only their declarations differ.
  const writable = response as ServerResponse;
  if (writable.destroyed) return;
  if (content !== null) writable.setHeader("content-length", content.length);
  writable.writeHead(status);
  if (request.method === "HEAD" || content === null) writable.end();
  else writable.end(content);
}
