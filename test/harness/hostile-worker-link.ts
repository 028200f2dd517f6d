/**
 * A man in the middle on the other side: between the real hub and a worker, around the transport that
 * the worker dials with. Passes everything on faithfully until a test sets a hook.
 */
import { create, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse, type Transport } from "@connectrpc/connect";
import {
  WorkerLinkDownSchema,
  WorkerLinkService,
  WorkerLinkUpSchema,
  type WorkerLinkDown,
  type WorkerLinkUp,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import { makeAsyncQueue, type AsyncQueue } from "./async-queue.ts";

export interface WorkerLinkHooks {
  up?: ((message: WorkerLinkUp) => readonly WorkerLinkUp[]) | undefined;
  down?: ((message: WorkerLinkDown) => readonly WorkerLinkDown[]) | undefined;
}

export interface HostileWorkerLink {
  readonly transport: Transport;
  readonly hooks: WorkerLinkHooks;
  /** Sets the hook of one direction for frames alone; undefined removes it. */
  setFrameHook(
    direction: "up" | "down",
    hook: ((frame: Frame) => readonly Frame[]) | undefined,
  ): void;
  /** As if the hub had sent it. */
  injectDown(body: MessageInitShape<typeof WorkerLinkDownSchema>["body"]): void;
  injectFramesDown(...frames: readonly Frame[]): void;
  injectFramesUp(...frames: readonly Frame[]): void;
  /** Ends the open link as a torn cable would; the worker dials anew. */
  cut(): void;
  /** While false, dialling fails. */
  setOpen(open: boolean): void;
  /** Links that were dialled so far, without those that failed. */
  readonly dialled: number;
  /** Everything that passed, in order, before hooks. */
  readonly seen: { readonly up: WorkerLinkUp[]; readonly down: WorkerLinkDown[] };
}

export function makeHostileWorkerLink(inner: Transport): HostileWorkerLink {
  const hooks: WorkerLinkHooks = {};
  const seen: HostileWorkerLink["seen"] = { up: [], down: [] };
  let down: AsyncQueue<WorkerLinkDown> | undefined;
  let up: AsyncQueue<WorkerLinkUp> | undefined;
  let cutLink: AbortController | undefined;
  let dialled = 0;
  let isOpen = true;

  const transport: Transport = {
    unary: (...args) => inner.unary(...args),
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      if (method.parent.typeName !== WorkerLinkService.typeName) {
        return inner.stream(method, signal, timeoutMs, header, input, contextValues);
      }
      if (!isOpen) throw new ConnectError("cut", Code.Unavailable);
      dialled += 1;
      const cutting = new AbortController();
      const downQueue = makeAsyncQueue<WorkerLinkDown>();
      const upQueue = makeAsyncQueue<WorkerLinkUp>();
      [down, up, cutLink] = [downQueue, upQueue, cutting];
      const both =
        signal === undefined ? cutting.signal : AbortSignal.any([signal, cutting.signal]);
      void (async () => {
        for await (const init of input) {
          const message = create(
            WorkerLinkUpSchema,
            init as MessageShape<typeof WorkerLinkUpSchema>,
          );
          seen.up.push(message);
          for (const passed of hooks.up?.(message) ?? [message]) upQueue.push(passed);
        }
        upQueue.end();
      })().catch(() => upQueue.end());
      const response = await inner.stream(
        WorkerLinkService.method.link,
        both,
        timeoutMs,
        header,
        upQueue,
        contextValues,
      );
      void (async () => {
        for await (const message of response.message) {
          seen.down.push(message);
          for (const passed of hooks.down?.(message) ?? [message]) downQueue.push(passed);
        }
        downQueue.end();
      })().catch((error: unknown) => downQueue.end(ConnectError.from(error)));
      cutting.signal.addEventListener("abort", () =>
        downQueue.end(new ConnectError("cut", Code.Unavailable)),
      );
      // The method is this one, so its types are these: TypeScript cannot see it through the comparison.
      return { ...response, message: downQueue } as unknown as StreamResponse<
        typeof method.input,
        typeof method.output
      >;
    },
  };
  const framesOf = (frames: readonly Frame[]): { frames: Frame[] } => ({
    frames: frames.map((frame) => ({ ...frame })),
  });
  return {
    transport,
    hooks,
    setFrameHook(direction, hook) {
      if (direction === "up") {
        hooks.up = hook && ((message) => [changeFrames(WorkerLinkUpSchema, message, hook)]);
      } else {
        hooks.down = hook && ((message) => [changeFrames(WorkerLinkDownSchema, message, hook)]);
      }
    },
    injectDown: (body) =>
      down?.push(create(WorkerLinkDownSchema, body === undefined ? {} : { body })),
    injectFramesDown: (...frames) =>
      down?.push(
        create(WorkerLinkDownSchema, { body: { case: "frames", value: framesOf(frames) } }),
      ),
    injectFramesUp: (...frames) =>
      up?.push(create(WorkerLinkUpSchema, { body: { case: "frames", value: framesOf(frames) } })),
    cut: () => cutLink?.abort(new ConnectError("cut", Code.Unavailable)),
    setOpen: (open) => void (isOpen = open),
    get dialled() {
      return dialled;
    },
    seen,
  };
}

function changeFrames<Desc extends typeof WorkerLinkUpSchema | typeof WorkerLinkDownSchema>(
  schema: Desc,
  message: WorkerLinkUp | WorkerLinkDown,
  hook: (frame: Frame) => readonly Frame[],
): MessageShape<Desc> {
  const { body } = message;
  const changed =
    body.case === "frames"
      ? {
          case: body.case,
          value: { frames: body.value.frames.flatMap(hook).map((f) => ({ ...f })) },
        }
      : body;
  return create(schema, { body: changed } as MessageInitShape<Desc>);
}
