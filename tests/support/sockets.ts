/**
 * Sockets over transports in memory, for the tests of src/tls/socket/socket.ts.
 *
 * @module
 */
import {
  startTls,
  type StartTlsOptions,
  type TlsContext,
  TlsError,
  type TlsErrorCode,
  type TlsSocket,
  type TlsTransport,
} from "@sesame/tls";

/** Has a suite fail that leaves something open: Deno doesn't look unless it is told. */
export const NOTHING_LEFT = { sanitizeOps: true, sanitizeResources: true };

const PIPE_BYTES = 16_384;

/** Two transports that lead to each other. */
export interface Line {
  readonly here: TlsTransport;
  readonly there: TlsTransport;
  /** Ends both directions, as a connection that was closed without TLS's consent. */
  cut(): void;
  /** Fails both directions, as a connection that was reset. */
  reset(error: Error): void;
  /** Fails what is sent from here alone. */
  breakOut(error: Error): void;
}

/** A line that holds some bytes in each direction, as TCP does. */
export function newLine(): Line {
  const [out, back] = [pipe(), pipe()];
  return {
    here: { readable: back.readable, writable: out.writable },
    there: { readable: out.readable, writable: back.writable },
    cut(): void {
      out.controller.terminate();
      back.controller.terminate();
    },
    reset(error): void {
      out.controller.error(error);
      back.controller.error(error);
    },
    breakOut: (error) => out.controller.error(error),
  };
}

interface Pipe extends TransformStream<Uint8Array, Uint8Array> {
  readonly controller: TransformStreamDefaultController<Uint8Array>;
}

function pipe(): Pipe {
  let controller: Pipe["controller"] | undefined;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    { start: (given) => void (controller = given) },
    {},
    { highWaterMark: PIPE_BYTES, size: (chunk) => chunk.length },
  );
  if (!controller) throw new Error("the stream didn't start");
  return { readable, writable, controller };
}

/** Both ends of a connection. */
export interface Sockets {
  readonly client: TlsSocket;
  readonly server: TlsSocket;
}

/** A client and a server that have just begun. */
export function socketsOf(
  serverContext: TlsContext,
  clientContext: TlsContext = serverContext,
  options: {
    client?: Partial<StartTlsOptions>;
    server?: Partial<StartTlsOptions>;
    line?: Pick<Line, "here" | "there">;
  } = {},
): Sockets {
  const { here, there } = options.line ?? newLine();
  return {
    server: startTls(there, {
      role: "server",
      context: serverContext,
      ...options.server,
    }),
    client: startTls(here, {
      role: "client",
      context: clientContext,
      hostname: "localhost",
      ...options.client,
    }),
  };
}

/** A client and a server after their handshake. */
export async function openSockets(
  ...args: Parameters<typeof socketsOf>
): Promise<Sockets> {
  const sockets = socketsOf(...args);
  await Promise.all([sockets.client.opened, sockets.server.opened]);
  return sockets;
}

/** Closes both ends, whatever has become of them. */
export async function closeAll({ client, server }: Sockets): Promise<void> {
  await Promise.all([
    client[Symbol.asyncDispose](),
    server[Symbol.asyncDispose](),
  ]);
}

/** Writes all of it, and leaves the stream open. */
export async function say(
  { writable }: { writable: WritableStream<Uint8Array> },
  said: string | Uint8Array,
): Promise<void> {
  const writer = writable.getWriter();
  try {
    await writer.write(
      typeof said === "string" ? new TextEncoder().encode(said) : said,
    );
  } finally {
    writer.releaseLock();
  }
}

/** Reads one chunk, as text; `null` at the end. */
export async function hear(
  { readable }: { readable: ReadableStream<Uint8Array> },
): Promise<string | null> {
  const reader = readable.getReader();
  try {
    const { done, value } = await reader.read();
    return done ? null : new TextDecoder().decode(value);
  } finally {
    reader.releaseLock();
  }
}

/** Reads all there is. */
export async function hearAll(
  { readable }: { readable: ReadableStream<Uint8Array> },
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable) chunks.push(chunk);
  return new Blob(chunks as Uint8Array<ArrayBuffer>[]).bytes();
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the promise was fulfilled");
}

/** Lets what is under way go as far as it can. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** What a promise fails with, which must be a {@linkcode TlsError} of a code. */
export async function tlsErrorOf(
  promise: Promise<unknown>,
  code: TlsErrorCode,
): Promise<TlsError> {
  const error = await failureOf(promise);
  if (error instanceof TlsError && error.code === code) return error;
  throw new Error(`expected a TlsError "${code}"`, { cause: error });
}
