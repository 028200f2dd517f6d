import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { OpenChannelOrderSchema } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { expect, test } from "vitest";
import { checkOpening, type OpeningSituation } from "./check-opening.ts";

const quiet: OpeningSituation = {
  mode: "post-quantum",
  isOpen: () => false,
  channels: 0,
  channelsOfUser: () => 0,
  maxChannels: 256,
  maxChannelsPerUser: 64,
  takeRate: () => true,
};

function check(
  order: MessageInitShape<typeof OpenChannelOrderSchema> = {},
  situation: Partial<OpeningSituation> = {},
) {
  const whole = create(OpenChannelOrderSchema, {
    channelId: "A".repeat(22),
    userId: "user",
    encryptionMode: EncryptionMode.POST_QUANTUM,
    message1: new Uint8Array(1616),
    ...order,
  });
  return checkOpening(whole, { ...quiet, ...situation });
}

test("what is right goes on", () => {
  expect(check()).toBeNull();
});

test("each refusal has its reason, before any cryptography", () => {
  expect(check({ encryptionMode: EncryptionMode.CLASSIC })).toBe("mode_refused");
  expect(check({ encryptionMode: EncryptionMode.UNSPECIFIED })).toBe("mode_refused");
  expect(check({ encryptionMode: 99 as EncryptionMode })).toBe("mode_refused");
  for (const size of [0, 48, 1615, 1617]) {
    expect(check({ message1: new Uint8Array(size) })).toBe("handshake_failed");
  }
  expect(check({ channelId: "short" })).toBe("handshake_failed");
  expect(check({ userId: "" })).toBe("handshake_failed");
  expect(check({}, { isOpen: () => true })).toBe("channel_exists");
  expect(check({}, { channels: 256 })).toBe("too_many_channels");
  expect(check({}, { channelsOfUser: () => 64 })).toBe("too_many_channels");
  expect(check({}, { takeRate: () => false })).toBe("rate_limited");
});

test("what is refused anyway costs nothing of the rate", () => {
  const takeRate = (): boolean => {
    throw new Error("asked");
  };
  expect(check({}, { isOpen: () => true, takeRate })).toBe("channel_exists");
});
