import { expect, test } from "vitest";
import { isPublicAddress } from "./public-address.ts";

test.each(["8.8.8.8", "1.1.1.1", "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001::200e"])(
  "%s is of the open internet",
  (address) => expect(isPublicAddress(address)).toBe(true),
);

test.each([
  ...["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"],
  ...["0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::ffff:127.0.0.1", "::1", "::"],
  ...["fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::"],
  ...["2001:db8::1", "::ffff:7f00:1", "localhost", "", "127.1"],
])("%s is not", (address) => expect(isPublicAddress(address)).toBe(false));
