import { describe, expect, test } from "vitest";
import type { Random } from "../platform/platform.ts";
import { noblePrimitives as primitives } from "./noble-primitives.ts";
import { answerRekey, deriveRekeyedKey, startRekey } from "./rekey.ts";
import { makeTestRandom } from "./test-random.ts";

const drawn: Uint8Array[] = [];
const fresh = makeTestRandom("rekey.test");
const random: Random = (length) => {
  const bytes = fresh(length);
  drawn.push(bytes);
  return bytes;
};
const none = new Uint8Array(0);

describe.each(["classic", "post-quantum"] as const)("%s rekey", (mode) => {
  test("gives both ends the same secret and leaves no ephemeral behind", () => {
    drawn.length = 0;
    const client = startRekey({ primitives, random, mode });
    expect(client.ePub).toHaveLength(32);
    expect(client.kemEk).toHaveLength(mode === "classic" ? 0 : 1568);
    const { ePub, kemEk } = client;
    const worker = answerRekey({ primitives, random, mode, ePub, kemEk });
    if (!worker) throw new Error("refused");
    expect(worker.secret).toHaveLength(mode === "classic" ? 32 : 64);
    expect(client.finish(worker.ePub, worker.kemCt)).toEqual(worker.secret);
    for (const bytes of drawn) expect(bytes).toEqual(new Uint8Array(bytes.length));
    expect(client.finish(worker.ePub, worker.kemCt)).toBeNull();
  });

  test("refuses malformed requests and answers", () => {
    const { ePub, kemEk } = startRekey({ primitives, random, mode });
    const request = { primitives, random, mode, ePub, kemEk };
    expect(answerRekey({ ...request, ePub: new Uint8Array(32) })).toBeNull();
    expect(answerRekey({ ...request, ePub: none })).toBeNull();
    expect(answerRekey({ ...request, kemEk: new Uint8Array(kemEk.length + 1) })).toBeNull();

    const worker = answerRekey(request);
    if (!worker) throw new Error("refused");
    const answers: [Uint8Array, Uint8Array][] = [
      [new Uint8Array(32), worker.kemCt],
      [none, worker.kemCt],
      [worker.ePub, new Uint8Array(worker.kemCt.length + 1)],
    ];
    for (const [answerEPub, kemCt] of answers) {
      expect(startRekey({ primitives, random, mode }).finish(answerEPub, kemCt)).toBeNull();
    }
  });
});

test("an ML-KEM key above the modulus is refused", () => {
  const { ePub } = startRekey({ primitives, random, mode: "post-quantum" });
  const kemEk = new Uint8Array(1568).fill(0xff);
  expect(answerRekey({ primitives, random, mode: "post-quantum", ePub, kemEk })).toBeNull();
});

test("the next key depends on the present one and on the secret", () => {
  const key = random(32);
  const secret = random(64);
  const next = deriveRekeyedKey(primitives, key, secret);
  expect(next).toHaveLength(32);
  expect(next).toEqual(deriveRekeyedKey(primitives, key, secret));
  expect(next).not.toEqual(deriveRekeyedKey(primitives, random(32), secret));
  expect(next).not.toEqual(deriveRekeyedKey(primitives, key, random(64)));
});
