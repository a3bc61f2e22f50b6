import { assertEquals } from "@std/assert";
import {
  connectTls,
  type ConnectTlsOptions,
  listenTls,
  type ListenTlsOptions,
  type StoreOperation,
  type TlsListener,
  type TlsSocket,
} from "@sesame/tls";
import { certificate } from "./engines.ts";
import { HOSTNAME } from "./listeners.ts";
import { ProbedStore } from "./probed_store.ts";
import { hear, say } from "./sockets.ts";

const { cert, key } = certificate;

/** A client whose sessions live in a store, and servers that say hello to it. */
export class ClientLab {
  /** The client's store. */
  store: ProbedStore = new ProbedStore();
  /** What the client was told of its failures. */
  failures: [StoreOperation, unknown][] = [];

  /** Forgets all. */
  reset(): void {
    this.store = new ProbedStore();
    this.failures = [];
  }

  /** What the store was asked since the last time. */
  operations(): string {
    const calls = this.store.calls.splice(0);
    return calls.map(({ operation }) => operation).join(" ");
  }

  /** A server. */
  serve(options: Partial<ListenTlsOptions> = {}): TlsListener {
    const listener = listenTls({
      hostname: HOSTNAME,
      port: 0,
      cert,
      key,
      ...options,
    });
    (async () => {
      for await (const socket of listener) {
        say(socket, "hello").then(() => socket.close()).catch(() => {});
      }
    })();
    return listener;
  }

  /** Connects, and leaves it to the caller to close. */
  connect(
    { addr }: TlsListener,
    options: Partial<ConnectTlsOptions> = {},
  ): Promise<TlsSocket> {
    return connectTls({
      hostname: HOSTNAME,
      port: addr.port,
      ...(options.context ? {} : { caCerts: [cert] }),
      sessions: this.store,
      onStoreError: (error, operation) =>
        this.failures.push([operation, error]),
      ...options,
    });
  }

  /** One connection, until it is closed. */
  async visit(...args: Parameters<ClientLab["connect"]>): Promise<TlsSocket> {
    const socket = await this.connect(...args);
    assertEquals(await hear(socket), "hello");
    await socket.close();
    return socket;
  }

  /** Whether one connection resumes. */
  async resumes(
    ...args: Parameters<ClientLab["connect"]>
  ): Promise<boolean | undefined> {
    return (await this.visit(...args)).info?.resumed;
  }
}
