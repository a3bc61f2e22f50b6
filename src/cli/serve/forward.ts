import { connTransport } from "../../tls/conn_transport.ts";
import type { HostAndPort } from "./host_and_port.ts";
import type { Peer } from "./peer.ts";

/**
 * Carries what a client says to a plain TCP server, and its answers back. Each direction
 * ends by itself. A server that can't be reached ends the connection in good order, one
 * that breaks off in the middle doesn't: the client sees that something is missing.
 *
 * @throws {Error} If the server can't be reached, or either side breaks off.
 */
export async function forward(
  peer: Peer,
  to: HostAndPort,
  connectTimeout: number,
): Promise<void> {
  const backend = connTransport(await connect(to, connectTimeout));
  const writer = backend.writable.getWriter();
  let failure: { readonly error: unknown } | undefined;
  const fail = async (error: unknown): Promise<void> => {
    failure ??= { error };
    await Promise.all([peer.abort(error), writer.abort(error)]).catch(() => {});
  };

  const send = async (): Promise<void> => {
    for await (const chunk of peer.input) {
      await writer.write(chunk).catch((error) => {
        // When a connection is reset, the system tells reading or writing, not both.
        failure ??= { error };
        throw error;
      });
    }
    await writer.close();
  };
  const answer = async (): Promise<void> => {
    for await (const chunk of backend.readable) await peer.write(chunk);
    // A write that fails in the same moment makes this end another one.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (failure) throw failure.error;
    await peer.end();
  };
  const sent = send().catch(async (error) => {
    // What the server has said already is still to be carried.
    if (!failure) await fail(error);
  });
  await answer().catch(fail);
  await sent;
  if (failure) throw failure.error;
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
      : error instanceof Error
      ? error.message
      : String(error);
    throw new Error(`Cannot reach ${hostname}:${port}: ${reason}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
