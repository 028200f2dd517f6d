// The web standards that browsers and Node share and that `shared` uses, declared by hand because
// this part is compiled without DOM and Node types. Only what has neither I/O nor a clock belongs here.

declare class AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
  throwIfAborted(): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

type HeadersInit = Headers | Iterable<readonly [string, string]> | Record<string, string>;

declare class Headers {
  constructor(init?: HeadersInit);
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  has(name: string): boolean;
  set(name: string, value: string): void;
  forEach(callback: (value: string, name: string) => void): void;
  [Symbol.iterator](): Iterator<[string, string]>;
}

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: "utf-8", options?: { fatal?: boolean });
  decode(bytes?: Uint8Array): string;
}

declare function queueMicrotask(run: () => void): void;
