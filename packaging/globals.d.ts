/**
 * The globals that the package's types name and TypeScript's `lib: ["es2024"]` lacks:
 * those of the program's runtime where its types are there (DOM, Deno, Node.js,
 * Cloudflare), else what the package itself uses of them.
 *
 * The interfaces of `declare global` are empty: they add nothing where there are
 * others, and by their emptiness it is seen where there are none.
 */

declare global {
  interface AbortSignal {}
  interface Event {}
  interface ReadableStream<R> {}
  interface Request {}
  interface Response {}
  interface URL {}
  interface WritableStream<W> {}
  namespace WebAssembly {
    interface Memory {}
    interface Module {}
  }
}

/** `Global`, unless that is empty. */
type Or<Global, Minimal> = keyof Global extends never ? Minimal : Global;

export type AbortSignal = Or<globalThis.AbortSignal, MinimalAbortSignal>;
export type Buffer = typeof globalThis extends
  { Buffer: { alloc(size: number): infer Buffer } } ? Buffer : Uint8Array;
export type BufferConstructor = typeof globalThis extends
  { Buffer: infer Constructor } ? Constructor : unknown;
export type Event = Or<globalThis.Event, MinimalEvent>;
export type ReadableStream<R> = Or<
  globalThis.ReadableStream<R>,
  MinimalReadableStream<R>
>;
export type Request = Or<globalThis.Request, MinimalRequest>;
export type Response = Or<globalThis.Response, MinimalResponse>;
export type URL = Or<globalThis.URL, MinimalURL>;
export type WritableStream<W> = Or<
  globalThis.WritableStream<W>,
  MinimalWritableStream<W>
>;

interface MinimalAbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

interface MinimalEvent {
  readonly type: string;
}

interface MinimalReadableStream<R> {
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
  getReader(): {
    readonly closed: Promise<unknown>;
    cancel(reason?: unknown): Promise<void>;
    read(): Promise<
      { done: false; value: R } | { done: true; value: R | undefined }
    >;
    releaseLock(): void;
  };
}

interface MinimalRequest {
  readonly method: string;
  readonly url: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

interface MinimalResponse {
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

interface MinimalURL {
  readonly href: string;
}

interface MinimalWritableStream<W> {
  readonly locked: boolean;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  getWriter(): {
    readonly closed: Promise<unknown>;
    readonly ready: Promise<unknown>;
    abort(reason?: unknown): Promise<void>;
    close(): Promise<void>;
    releaseLock(): void;
    write(chunk: W): Promise<void>;
  };
}
