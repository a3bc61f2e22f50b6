/**
 * A load balancer below TLS: what stands in front of servers that share sessions.
 *
 * @module
 */

/** The bytes of a connection. */
export interface Recording {
  fromClient: Uint8Array;
  fromServer: Uint8Array;
}

/** A balancer that listens. */
export interface Balancer extends AsyncDisposable {
  readonly port: number;
  /** The bytes of each connection so far. */
  readonly recordings: Recording[];
}

/** Gives one connection after the other to one port after the other, on the loopback. */
export function balance(ports: number[]): Balancer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const recordings: Recording[] = [];
  const connections = new Set<Promise<void>>();
  const accepted = (async () => {
    for await (const client of listener) {
      const port = ports[recordings.length % ports.length] ?? 0;
      const recording = {
        fromClient: new Uint8Array(),
        fromServer: new Uint8Array(),
      };
      recordings.push(recording);
      const connection = join(client, port, recording)
        .finally(() => connections.delete(connection));
      connections.add(connection);
    }
  })();
  return {
    port: listener.addr.port,
    recordings,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await accepted;
      await Promise.all(connections);
    },
  };
}

async function join(
  client: Deno.TcpConn,
  port: number,
  recording: Recording,
): Promise<void> {
  using _client = client;
  try {
    using server = await Deno.connect({ hostname: "127.0.0.1", port });
    await Promise.all([
      pump(
        client,
        server,
        (bytes) => recording.fromClient = concat(recording.fromClient, bytes),
      ),
      pump(
        server,
        client,
        (bytes) => recording.fromServer = concat(recording.fromServer, bytes),
      ),
    ]);
  } catch {
    // One end was reset: the other is, too.
  }
}

/** Carries bytes from one end to the other until there are no more. */
async function pump(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const count = await from.read(buffer);
    if (count === null) return await to.closeWrite();
    const bytes = buffer.slice(0, count);
    onBytes(bytes);
    for (let at = 0; at < count;) at += await to.write(bytes.subarray(at));
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  return new Uint8Array([...a, ...b]);
}
