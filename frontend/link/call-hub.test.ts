import { create, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import {
  GetSystemInfoResponseSchema,
  HubKind,
  SystemService,
} from "@leapmux/proto/hub/v1/system_pb.ts";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";
import { describe, expect, it } from "vitest";
import { closeReasonOf } from "@leapmux/shared/client/hub-answer.ts";
import { makeCallHub } from "./call-hub.ts";
import { makeHubTransport } from "./hub-transport.ts";

const getSystemInfo = SystemService.method.getSystemInfo;
const proto = { "content-type": "application/proto" };
const body = (bytes: Uint8Array) => bytes.slice();

function answering(answer: (init: RequestInit, url: string) => Response | Promise<Response>) {
  return makeCallHub("https://hub", async (url, init) => answer(init ?? {}, url as string));
}
function error(code: string, reason?: string) {
  const value = create(ErrorReasonSchema, { reason: reason ?? "", retryAfterMs: 7 });
  const detail = {
    type: "leapmux.hub.v1.ErrorReason",
    value: base64Encode(toBinary(ErrorReasonSchema, value), "std_raw"),
  };
  const json = { code, message: "why", details: reason === undefined ? [] : [{}, detail] };
  return new Response(JSON.stringify(json), { status: 503 });
}

describe("makeCallHub", () => {
  it("posts the request and reads the answer", async () => {
    const seen: unknown[] = [];
    const callHub = answering((init, url) => {
      seen.push(url, init.method, (init.headers as Record<string, string>)["content-type"]);
      const info = create(GetSystemInfoResponseSchema, { kind: HubKind.SOLO, userId: "u" });
      return new Response(body(toBinary(GetSystemInfoResponseSchema, info)), { headers: proto });
    });
    expect(await callHub(getSystemInfo, {}, {})).toMatchObject({
      ok: true,
      response: { kind: HubKind.SOLO, userId: "u" },
    });
    expect(seen).toEqual([
      "https://hub/leapmux.hub.v1.SystemService/GetSystemInfo",
      "POST",
      "application/proto",
    ]);
  });

  it("finds the reason of a refusal", async () => {
    const refusal = await answering(() => error("unavailable", "worker_offline"))(
      getSystemInfo,
      {},
      {},
    );
    expect(refusal).toEqual({
      ok: false,
      code: "unavailable",
      message: "why",
      reason: "worker_offline",
      retryAfterMs: 7,
    });
  });

  it("answers everything else that a hub may send with a refusal", async () => {
    const answers: (() => Response)[] = [
      () => new Response("<html>", { status: 502 }),
      () => new Response("[1]", { status: 500 }),
      () => new Response("{}", { headers: { "content-type": "application/json" } }),
      () => new Response(body(Uint8Array.of(0xff)), { headers: proto }),
      () => new Response(new Uint8Array(5 * 1024 * 1024), { headers: proto }),
      () => {
        throw new TypeError("Failed to fetch");
      },
      () => error("nonsense", "made up"),
    ];
    const codes = [];
    for (const answer of answers) {
      const refusal = await answering(answer)(getSystemInfo, {}, {});
      codes.push(refusal.ok ? "ok" : [refusal.code, closeReasonOf(refusal)]);
    }
    expect(codes).toEqual([
      ["unavailable", "link_lost"],
      ["unavailable", "link_lost"],
      ["internal", "protocol_violation"],
      ["internal", "protocol_violation"],
      ["internal", "protocol_violation"],
      ["unavailable", "link_lost"],
      ["nonsense", "protocol_violation"],
    ]);
  });

  it("says that it was cancelled", async () => {
    const signal = AbortSignal.abort();
    const callHub = answering(() => Promise.reject(new DOMException("aborted", "AbortError")));
    expect(await callHub(getSystemInfo, {}, { signal })).toMatchObject({ code: "canceled" });
  });
});

describe("makeHubTransport", () => {
  it("gives a generated client Connect's errors with their reason", async () => {
    const callHub = answering(() => error("resource_exhausted", "too_many_channels"));
    const client = createClient(SystemService, makeHubTransport(callHub));
    const failure = await client.getSystemInfo({}).catch((cause: unknown) => cause);
    expect(ConnectError.from(failure).code).toBe(Code.ResourceExhausted);
    expect(readErrorReason(failure)).toBe("too_many_channels");
  });
});
