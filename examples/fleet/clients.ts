/**
 * Clients that come again and again, each time to the next server, with the session that
 * the last one gave them.
 *
 * @module
 */
import {
  connectTls,
  TlsContext,
  type TlsSession,
  type TlsVersion,
} from "@sesame/tls";
import type { Servers } from "./servers.ts";
import type { Timeline } from "./timeline.ts";

const VERSIONS: readonly TlsVersion[] = ["TLSv1.2", "TLSv1.3"];
const REQUEST = new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n");
const PAUSE_MS = 20;

/** Clients of both versions. */
export class Clients implements Disposable {
  readonly #servers: Servers;
  readonly #timeline: Timeline;
  readonly #count: number;
  readonly #contexts: TlsContext[];
  #running: Promise<void>[] = [];
  #isStopped = false;

  /** Ready to start. */
  constructor(servers: Servers, timeline: Timeline, count: number) {
    this.#servers = servers;
    this.#timeline = timeline;
    this.#count = count;
    this.#contexts = VERSIONS.map((version) =>
      new TlsContext({
        caCerts: [servers.cert],
        minVersion: version,
        maxVersion: version,
      })
    );
  }

  /** Starts them all. */
  start(): void {
    this.#running = Array.from({ length: this.#count }, (_, i) => this.#run(i));
  }

  /** Lets those who are under way finish. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  [Symbol.dispose](): void {
    this.#isStopped = true;
    for (const context of this.#contexts) context.close();
  }

  async #run(client: number): Promise<void> {
    const context = this.#contexts[client % VERSIONS.length];
    let session: TlsSession | undefined;
    for (let turn = client; context && !this.#isStopped; turn++) {
      const { ports } = this.#servers;
      const port = ports[turn % ports.length] ?? 0;
      try {
        session = await this.#visit(port, context, session) ?? session;
      } catch (error) {
        this.#timeline.fail(port, error, this.#servers.isKilled(port));
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /** One request; returns the session for the next. */
  async #visit(
    port: number,
    context: TlsContext,
    session: TlsSession | undefined,
  ): Promise<TlsSession | undefined> {
    await using socket = await connectTls({
      hostname: "localhost",
      port,
      context,
      ...(session && { session }),
    });
    const { protocol, resumed } = await socket.opened;
    const writer = socket.writable.getWriter();
    await writer.write(REQUEST);
    const page = await new Response(socket.readable).text();
    if (!page.includes(resumed ? "resumed" : "full")) {
      throw new Error(`The server on port ${port} saw it otherwise: ${page}`);
    }
    this.#timeline.count(protocol, resumed);
    const { value } = await socket.sessions.getReader().read();
    return value;
  }
}
