import { createRoot, createSignal } from "solid-js";
import { expect, it, onTestFinished } from "vitest";
import type { WorkerConnectionState } from "@leapmux/shared/client/link-state.ts";
import type { WorkerConnection } from "../link/worker-connections.ts";
import { deliverRevocations } from "./deliver-revocations.ts";

const open: WorkerConnectionState = { kind: "open", trust: "pinned" };
const away: WorkerConnectionState = { kind: "waiting", retryAtMs: 0, reason: "link_lost" };
const signed = (n: number) => new Uint8Array(40).fill(n);

function setUp(known: Uint8Array[]) {
  return createRoot((dispose) => {
    onTestFinished(dispose);
    const [revocations, setRevocations] = createSignal<readonly Uint8Array[]>(known);
    const [state, setState] = createSignal<WorkerConnectionState>({ kind: "idle" });
    const calls: number[][] = [];
    const connection = {
      state,
      client: () => ({
        async deliverRevocations({ signedRevocations }: { signedRevocations: Uint8Array[] }) {
          calls.push(signedRevocations.map((each) => each[0]!));
        },
      }),
    } as unknown as WorkerConnection;
    deliverRevocations({
      workerIds: () => ["w1"],
      connections: { of: () => connection },
      revocations,
    });
    return { setRevocations, setState, calls };
  });
}

it("delivers what is known once in each channel", () => {
  const { setState, calls } = setUp([signed(1), signed(2)]);
  expect(calls).toEqual([]);
  setState(open);
  expect(calls).toEqual([[1, 2]]);
  setState({ kind: "open", trust: "verified" });
  expect(calls).toEqual([[1, 2]]);
  setState(away);
  setState(open);
  expect(calls).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

it("delivers what comes later to channels that are open, at once and alone", () => {
  const { setState, setRevocations, calls } = setUp([signed(1)]);
  setState(open);
  setRevocations([signed(1), signed(2)]);
  expect(calls).toEqual([[1], [2]]);
});

it("asks nothing where nothing was revoked, and splits what is much", () => {
  const { setState, setRevocations, calls } = setUp([]);
  setState(open);
  expect(calls).toEqual([]);
  setRevocations(Array.from({ length: 40 }, (_, n) => signed(n)));
  expect(calls.map(({ length }) => length)).toEqual([32, 8]);
});
