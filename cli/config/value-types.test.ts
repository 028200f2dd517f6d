import { describe, expect, test } from "vitest";
import {
  encryptionMode,
  formatAddress,
  hostName,
  httpOrigin,
  hubAddress,
  isLoopback,
  listenAddress,
  localAddress,
  mailAddress,
  memorySize,
  messageSize,
  onOff,
  portNumber,
  seconds,
  workerName,
} from "./value-types.ts";

describe("listen addresses", () => {
  test.each([
    ["127.0.0.1:4327", "127.0.0.1", 4327],
    [":4327", "0.0.0.0", 4327],
    ["[::1]:80", "::1", 80],
    ["localhost:0", "localhost", 0],
    ["0.0.0.0:65535", "0.0.0.0", 65_535],
  ])("%s", (text, host, port) => {
    expect(listenAddress.parse(text)).toEqual({ host, port });
  });

  test.each(["4327", "127.0.0.1", "127.0.0.1:65536", "::1:80", "[127.0.0.1]:80", "a b:1", "x:-1"])(
    "%s is refused",
    (text) => {
      expect(listenAddress.safeParse(text).success).toBe(false);
    },
  );

  test.each([
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["localhost", true],
    ["::1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.0.1", false],
    // A name that merely begins like the address is whatever its owner makes of it.
    ["127.example.org", false],
  ])("%s is loopback: %s", (host, expected) => {
    expect(isLoopback({ host, port: 1 })).toBe(expected);
  });

  test("an IPv6 address is shown in brackets", () => {
    expect(formatAddress({ host: "::1", port: 80 })).toBe("[::1]:80");
  });
});

describe("sizes, times, names", () => {
  test.each([
    ["16MiB", 16 * 1024 ** 2],
    ["16mb", 16 * 1024 ** 2],
    ["512 KiB", 512 * 1024],
    ["65536", 65_536],
    ["0", 16 * 1024 ** 2],
    ["64MiB", 64 * 1024 ** 2],
  ])("size %s", (text, bytes) => {
    expect(messageSize.parse(text)).toBe(bytes);
  });

  test.each(["65535", "67108865", "65MiB", "-1", "1GiB", "many", "1e6", ""])(
    "size %j is refused",
    (text) => {
      expect(messageSize.safeParse(text).success).toBe(false);
    },
  );

  test.each([
    ["0", 0],
    ["64KiB", 65_536],
    ["4096MiB", 4 * 1024 ** 3],
  ])("memory of %s", (text, bytes) => {
    expect(memorySize.parse(text)).toBe(bytes);
  });

  test.each(["4097MiB", "-1", "much", ""])("memory of %j is refused", (text) => {
    expect(memorySize.safeParse(text).success).toBe(false);
  });

  test("a switch is on or off in several words, and nothing else", () => {
    expect(["true", "YES", "on", "1"].map((text) => onOff.parse(text))).toEqual(
      Array(4).fill(true),
    );
    expect(["false", "no", "off", "0"].map((text) => onOff.parse(text))).toEqual(
      Array(4).fill(false),
    );
    expect(onOff.safeParse("maybe").success).toBe(false);
  });

  test.each([
    ["10", 10],
    ["10s", 10],
    ["1500ms", 1.5],
    ["2m", 120],
    ["1h", 3600],
  ])("time %s", (text, expected) => {
    expect(seconds.parse(text)).toBe(expected);
  });

  test.each(["0", "999ms", "2h", "-1", "1d", ""])("time %j is refused", (text) => {
    expect(seconds.safeParse(text).success).toBe(false);
  });

  test.each([
    ["pq", "post-quantum"],
    ["post_quantum", "post-quantum"],
    ["Post-Quantum", "post-quantum"],
    ["classic", "classic"],
  ])("mode %s is %s", (text, expected) => {
    expect(encryptionMode.parse(text)).toBe(expected);
  });

  test.each(["", "none", "quantum", "classic2"])("mode %j is refused", (text) => {
    expect(encryptionMode.safeParse(text).success).toBe(false);
  });

  test("origins are bare", () => {
    expect(httpOrigin.parse("http://hub.example:4327/")).toBe("http://hub.example:4327");
    for (const text of [
      "hub",
      "ftp://h",
      "http://u@h",
      "http://h/path",
      "http://h?q",
      "http://h#f",
    ]) {
      expect(httpOrigin.safeParse(text).success, text).toBe(false);
    }
  });

  test("a hub is an origin or a socket", () => {
    expect(hubAddress.parse("https://hub.example/")).toBe("https://hub.example");
    expect(hubAddress.parse("unix:/run/leapmux/hub.sock")).toBe("unix:/run/leapmux/hub.sock");
    for (const text of ["unix:", "unix:hub.sock", "unix:/", "unix:/a\0b", "/run/hub.sock", "hub"]) {
      expect(hubAddress.safeParse(text).success, text).toBe(false);
    }
    expect(localAddress.parse("unix:/run/hub.sock")).toBe("/run/hub.sock");
    expect(localAddress.safeParse(`unix:/${"x".repeat(103)}`).success).toBe(false);
    expect(localAddress.safeParse("/run/hub.sock").success).toBe(false);
  });

  test("mail servers and addresses", () => {
    for (const host of ["mail.example", "localhost", "192.0.2.1", "2001:db8::1", "[::1]"]) {
      expect(hostName.parse(host)).toBe(host.replace(/[[\]]/g, ""));
    }
    for (const text of ["", "mail.example:25", "a b", "http://mail.example", "a\r\nb"]) {
      expect(hostName.safeParse(text).success, text).toBe(false);
    }
    expect(portNumber.parse("65535")).toBe(65_535);
    for (const text of ["", "0", "65536", "-1", "1.5", "25x"]) {
      expect(portNumber.safeParse(text).success, text).toBe(false);
    }
    expect(mailAddress.parse(" hub@example.com ")).toBe("hub@example.com");
    expect(mailAddress.safeParse("Hub <hub@example.com>").success).toBe(false);
  });

  test("names hold no control characters", () => {
    expect(workerName.parse("  Build machine ")).toBe("Build machine");
    for (const text of ["", " ", "x".repeat(129)]) {
      expect(workerName.safeParse(text).error?.issues[0]?.message).toMatch(/1 to 128 characters/);
    }
    // What the hub would refuse as well, with less to say about it: also what turns text around.
    for (const text of ["a\u001bb", "a\u202eb", "a\u2066b", "a\u2028b", "a\ud800b"]) {
      expect(workerName.safeParse(text).error?.issues[0]?.message).toMatch(/control characters/);
    }
    expect(workerName.parse("🖥".repeat(128))).toHaveLength(256);
  });
});
