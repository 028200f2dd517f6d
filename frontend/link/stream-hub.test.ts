import { create, toBinary } from "@bufbuild/protobuf";
import { KeyAdminService, ReencryptResponseSchema } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { streamHub } from "./stream-hub.ts";

beforeAll(() => vi.stubGlobal("location", { origin: "https://hub" }));
afterAll(() => vi.unstubAllGlobals());

const headers = { "content-type": "application/connect+proto" };

function part(flags: number, bytes: Uint8Array, length = bytes.length): Uint8Array {
  const whole = new Uint8Array(5 + bytes.length);
  whole[0] = flags;
  new DataView(whole.buffer).setUint32(1, length);
  whole.set(bytes, 5);
  return whole;
}
const progress = (done: bigint) =>
  part(0, toBinary(ReencryptResponseSchema, create(ReencryptResponseSchema, { done })));
const end = (json: string) => part(2, new TextEncoder().encode(json));

/** In pieces of `size` bytes: the network cuts where it likes. */
async function read(parts: readonly Uint8Array[], size = 3): Promise<bigint[]> {
  const bytes = Uint8Array.from(parts.flatMap((each) => [...each]));
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.slice(at * size, (at + 1) * size),
  );
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = pieces.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
  });
  return collect(async () => new Response(body, { headers }));
}
async function collect(fetchUrl: typeof fetch): Promise<bigint[]> {
  const found: bigint[] = [];
  const { signal } = new AbortController();
  for await (const each of streamHub(KeyAdminService.method.reencrypt, {}, signal, fetchUrl)) {
    found.push(each.done);
  }
  return found;
}

describe("streamHub", () => {
  it("reads parts however they are cut, up to the end that the hub says", async () => {
    await expect(read([progress(1n), progress(300n), end("{}")])).resolves.toEqual([1n, 300n]);
    await expect(read([progress(1n), progress(300n), end("{}")], 1000)).resolves.toHaveLength(2);
  });

  it("throws what the hub says at the end", async () => {
    const refused = end('{"error":{"code":"aborted","message":"why"}}');
    await expect(read([progress(1n), refused])).rejects.toThrow("[aborted] why");
  });

  it("takes nothing for whole that broke off, is too large, compressed or no stream", async () => {
    await expect(read([progress(1n)])).rejects.toThrow("broke off");
    await expect(read([progress(1n), end("{}").slice(0, 4)])).rejects.toThrow("broke off");
    await expect(read([part(0, new Uint8Array(1), 2 ** 31)])).rejects.toThrow("too large");
    await expect(read([part(1, new Uint8Array(1))])).rejects.toThrow("cannot be read");
    await expect(read([end("not json")])).rejects.toThrow();
    const page = async () => new Response("<html>", { status: 502 });
    await expect(collect(page)).rejects.toThrow("HTTP status 502");
    const away = () => Promise.reject(new TypeError("away"));
    await expect(collect(away)).rejects.toThrow("cannot be reached");
  });
});
