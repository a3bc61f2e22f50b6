import type { HostAndPort } from "../host_and_port.ts";
import { waitAtMost } from "../wait.ts";
import { Backend, BackendError } from "./backend.ts";
import type { Peer } from "./peer.ts";

/** How long a client may be silent after the server has ended its data, in milliseconds. */
const LINGER = 10_000;

/** Options of {@linkcode forward}. Times are in milliseconds. */
export interface ForwardOptions {
  /** The plain TCP server. */
  readonly to: HostAndPort;
  /** The time limit of connecting. */
  readonly connectTimeout: number;
  /** How long the client may be silent after the server has ended its data. */
  readonly linger?: number;
}

/**
 * Forwards a client's data to a plain TCP server, and the server's data to the client. Each
 * direction ends by itself. If the server resets the connection, the client's connection is
 * aborted, so that the client sees that data is missing.
 *
 * @throws {BackendError} If the server can't be reached or resets the connection.
 * @throws {Error} If the client's connection fails.
 */
export async function forward(
  peer: Pick<Peer, "input" | "lastActive" | "write" | "end" | "abort">,
  { to, connectTimeout, linger = LINGER }: ForwardOptions,
): Promise<void> {
  const backend = await Backend.connect(to, connectTimeout);
  let failure: { readonly error: unknown } | undefined;
  const fail = async (error: unknown): Promise<void> => {
    if (failure) return;
    failure = { error };
    backend.close();
    await peer.abort(error);
  };

  let isSent = false;
  const sending = send(peer, backend).catch((error) =>
    // After a reset by the server, its data is forwarded first: it may explain the reset.
    error instanceof BackendError ? undefined : fail(error)
  ).finally(() => isSent = true);
  await receive(peer, backend).catch(fail);

  const endedAt = performance.now();
  const isSilent = (): boolean =>
    performance.now() - Math.max(endedAt, peer.lastActive) >= linger;
  while (!isSent && !isSilent()) await waitAtMost(linger / 10, sending);
  const result = failure;
  // What fails from here on is a consequence.
  failure ??= { error: undefined };
  backend.close();
  if (result) throw result.error;
}

async function send(
  peer: Pick<Peer, "input">,
  backend: Backend,
): Promise<void> {
  for await (const chunk of peer.input) await backend.write(chunk);
  await backend.closeWrite();
}

async function receive(
  peer: Pick<Peer, "write" | "end">,
  backend: Backend,
): Promise<void> {
  for await (const chunk of backend.data()) await peer.write(chunk);
  await peer.end();
}
