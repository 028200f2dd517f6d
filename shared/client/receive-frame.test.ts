import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ClientLinkDownSchema } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLinkDown } from "./receive-frame.ts";

function encode(body: NonNullable<MessageInitShape<typeof ClientLinkDownSchema>["body"]>) {
  return toBinary(ClientLinkDownSchema, create(ClientLinkDownSchema, { body })).slice().buffer;
}
const frame = { channelId: "c", correlationId: 1n, flags: 0, ciphertext: new Uint8Array(16) };

describe("decodeLinkDown", () => {
  it("takes what a hub says", () => {
    expect(decodeLinkDown(encode({ case: "frames", value: { frames: [frame] } }))).toMatchObject({
      case: "frames",
    });
    expect(decodeLinkDown(encode({ case: "hello", value: { linkId: "abc" } }))).toMatchObject({
      value: { linkId: "abc" },
    });
  });

  it("refuses what is too large, too long or no message at all", () => {
    const long = "x".repeat(65);
    const refused = [
      "text",
      null,
      new ArrayBuffer(4 * 1024 * 1024 + 1),
      Uint8Array.of(0xff, 0xff).buffer,
      encode({ case: "hello", value: { linkId: "" } }),
      encode({ case: "hello", value: { linkId: long } }),
      encode({ case: "frames", value: { frames: [{ ...frame, channelId: long }] } }),
      encode({
        case: "frames",
        value: { frames: [{ ...frame, ciphertext: new Uint8Array(65_536) }] },
      }),
      encode({ case: "frames", value: { frames: Array.from({ length: 16_385 }, () => ({})) } }),
      encode({ case: "changed", value: { workspaceIds: [long] } }),
      encode({ case: "changed", value: { workspaceIds: Array.from({ length: 4097 }, () => "w") } }),
    ];
    expect(refused.map((data) => decodeLinkDown(data))).toEqual(refused.map(() => null));
  });

  it("never throws", () => {
    const valid = new Uint8Array(encode({ case: "frames", value: { frames: [frame, frame] } }));
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(valid.length - 1),
        fc.nat(255),
        (bytes, at, byte) => {
          decodeLinkDown(bytes.slice().buffer);
          const mutated = valid.slice();
          mutated[at] = byte;
          decodeLinkDown(mutated.buffer);
        },
      ),
      { numRuns: 500 },
    );
  });
});
