import { startTls, type TlsContext, type TlsSocket } from "@sesame/tls";

/** PostgreSQL's request for TLS: its length and code (protocol-flow, "SSL Session Encryption"). */
const SSL_REQUEST = [0, 0, 0, 8, 4, 210, 22, 47];
const YES = new TextEncoder().encode("S");

/**
 * A server of TLS before PostgreSQL's socket without. PostgreSQL itself never resumes a
 * session: it turns tickets off, and its cache.
 */
export class Front implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #context: TlsContext;
  readonly #postgres: string;
  readonly #log: string;
  readonly #serving: Promise<void>;

  /** Logs of each connection whether it was resumed. */
  constructor(context: TlsContext, postgres: string, log: string) {
    this.#context = context;
    this.#postgres = postgres;
    this.#log = log;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#serving = this.#serve();
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener.addr.port;
  }

  async #serve(): Promise<void> {
    const connections = new Set<Promise<void>>();
    for await (const conn of this.#listener) {
      const connection = this.#forward(conn)
        .catch((error) => this.#write(String(error)))
        .finally(() => connections.delete(connection));
      connections.add(connection);
    }
    await Promise.all(connections);
  }

  async #forward(conn: Deno.TcpConn): Promise<void> {
    await conn.read(new Uint8Array(SSL_REQUEST.length));
    await conn.write(YES);
    const socket = startTls(conn, { role: "server", context: this.#context });
    const { resumed } = await socket.opened.then(() =>
      socket.info ?? { resumed: false }
    );
    this.#write(resumed ? "resumed" : "full");
    await this.#join(
      socket,
      await Deno.connect({ path: this.#postgres, transport: "unix" }),
    );
  }

  async #join(socket: TlsSocket, postgres: Deno.UnixConn): Promise<void> {
    await Promise.allSettled([
      socket.readable.pipeTo(postgres.writable),
      postgres.readable.pipeTo(socket.writable),
    ]);
  }

  #write(line: string): void {
    Deno.writeTextFileSync(this.#log, `${line}\n`, { append: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#serving;
  }
}
