import { connTransport } from "../../tls/socket/conn_transport.ts";
import { within } from "../../internal/deferred.ts";
import type { HostAndPort } from "../host_and_port.ts";
import type { Peer } from "./peer.ts";
import { failureText } from "../format.ts";

/** How long a client may say nothing once the server has ended, in ms. */
const LINGER = 10_000;

/** What a write that is under way may take when the server has ended, in ms. */
const MOMENT = 100;

/** The server behind can't be reached, or has broken off. */
export class ForwardError extends Error {
  override readonly name = "ForwardError";
}

/** How to forward; times are in ms. */
export interface ForwardOptions {
  readonly to: HostAndPort;
  readonly connectTimeout: number;
  /** How long a client may say nothing once the server has ended. */
  readonly linger?: number;
}

/**
 * Carries what a client says to a plain TCP server, and its answers back. Each direction
 * ends by itself, but a client that says nothing doesn't keep what the server has ended. A
 * server that can't be reached ends the connection in good order, one that breaks off in
 * the middle doesn't: the client sees that something is missing.
 *
 * @throws {ForwardError} If the server can't be reached, or breaks off.
 * @throws {Error} If the client breaks off.
 */
export async function forward(
  peer: Pick<Peer, "input" | "lastMoved" | "write" | "end" | "abort">,
  { to, connectTimeout, linger = LINGER }: ForwardOptions,
): Promise<void> {
  const backend = connTransport(await connect(to, connectTimeout));
  const writer = backend.writable.getWriter();
  let failure: { readonly error: unknown } | undefined;
  const fail = async (error: unknown): Promise<void> => {
    failure ??= { error };
    await Promise.all([peer.abort(error), writer.abort(error)]).catch(() => {});
  };

  let writing: Promise<void> = Promise.resolve();
  const send = async (): Promise<void> => {
    for await (const chunk of peer.input) {
      writing = writer.write(chunk).catch((error) => {
        // When a connection is reset, the system tells reading or writing, not both.
        failure ??= { error: brokenOff(to, error) };
        throw error;
      });
      await writing;
    }
    await writer.close();
  };
  const answer = async (): Promise<void> => {
    for await (const chunk of answersOf(backend.readable, to)) {
      await peer.write(chunk);
    }
    // A write that fails in the same moment makes this end another one. In steps, since where
    // the processor is scarce the moment can pass before anyone has looked at the write.
    for (let step = 0; step < 10 && !failure; step++) {
      await within(MOMENT / 10, writing);
    }
    if (failure) throw failure.error;
    await peer.end();
  };
  let isSent = false;
  const sent = send().catch(async (error) => {
    // What the server has said already is still to be carried.
    if (!failure) await fail(error);
  }).finally(() => isSent = true);
  await answer().catch(fail);
  const since = performance.now();
  while (
    !isSent && performance.now() - Math.max(since, peer.lastMoved) < linger
  ) await within(linger / 10, sent);
  if (!isSent) await writer.abort().catch(() => {});
  if (failure) throw failure.error;
}

async function* answersOf(
  stream: ReadableStream<Uint8Array>,
  from: HostAndPort,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw brokenOff(from, error);
  }
}

function brokenOff(
  { hostname, port }: HostAndPort,
  error: unknown,
): ForwardError {
  return new ForwardError(
    `${hostname}:${port} has broken off: ${failureText(error)}`,
    { cause: error },
  );
}

async function connect(
  { hostname, port }: HostAndPort,
  timeout: number,
): Promise<Deno.TcpConn> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  try {
    const { signal } = controller;
    return await Deno.connect({ hostname, port, signal });
  } catch (error) {
    const reason = controller.signal.aborted
      ? `it took longer than ${timeout} ms`
      : failureText(error);
    throw new ForwardError(`Cannot reach ${hostname}:${port}: ${reason}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
