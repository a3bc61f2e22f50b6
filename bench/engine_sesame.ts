/**
 * The server's side alone of connections by `TlsEngine`, without a network: what native.c does by
 * OpenSSL's own calls.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { MemorySessionStore } from "../src/stores/memory.ts";
import { TlsContext } from "../src/tls/context/context.ts";
import { TlsEngine } from "../src/tls/engine/engine.ts";
import type { TlsSession } from "../src/tls/sessions/session.ts";
import type { Measurement } from "./measurements.mjs";

/** So many at once, as to ask for the time takes some too. */
const AT_ONCE = 16;
const WARM_UP_SECONDS = 2;

/** Resumed connections from their beginning to their end in a second of processor time. */
export function serversPerSecond(
  m: Measurement,
  seconds: number,
  certificates: string,
): number {
  const cert = readFileSync(join(certificates, `${m.key}.cert.pem`), "utf8");
  const key = readFileSync(join(certificates, `${m.key}.key.pem`), "utf8");
  using servers = new TlsContext({
    cert,
    key,
    sessions: new MemorySessionStore(),
    minVersion: m.version,
    maxVersion: m.version,
  });
  using clients = new TlsContext({
    caCerts: [cert],
    minVersion: m.version,
    maxVersion: m.version,
  });
  const visits = new Visits(servers, clients);
  visits.repeat(WARM_UP_SECONDS);
  const { count, microseconds } = visits.repeat(seconds);
  return count / microseconds * 1e6;
}

/** Connections with a server, of which only what the server does is measured. */
class Visits {
  readonly #servers: TlsContext;
  readonly #clients: TlsContext;
  readonly #stopwatch = new Stopwatch();
  #session: TlsSession | undefined;

  constructor(servers: TlsContext, clients: TlsContext) {
    this.#servers = servers;
    this.#clients = clients;
  }

  repeat(seconds: number): { count: number; microseconds: number } {
    const end = performance.now() + seconds * 1000;
    const before = this.#stopwatch.microseconds;
    let count = 0;
    for (; performance.now() < end; count += AT_ONCE) this.#visit();
    return { count, microseconds: this.#stopwatch.microseconds - before };
  }

  #visit(): void {
    const isFirst = this.#session === undefined;
    const clients = Array.from({ length: AT_ONCE }, () => this.#client());
    const hellos = clients.map((client) => client.send());
    const servers: TlsEngine[] = [];
    const flights = this.#stopwatch.measure(() =>
      hellos.map((hello) => {
        const server = new TlsEngine(this.#servers, { role: "server" });
        servers.push(server);
        server.receive(hello);
        return server.send();
      })
    );
    const answers = answersOf(clients, flights);
    const ends = this.#stopwatch.measure(() =>
      servers.map((server, i) => {
        server.receive(answers[i] ?? new Uint8Array());
        if (server.resumption?.resumed === isFirst) {
          throw new Error(
            "The server resumes the first connection, or no other",
          );
        }
        // In TLS 1.3 a session comes with it.
        server.close();
        return server.send();
      })
    );
    const lastAnswers = answersOf(clients, ends);
    this.#stopwatch.measure(() =>
      servers.forEach((server, i) => {
        server.receive(lastAnswers[i] ?? new Uint8Array());
        server.read();
        server[Symbol.dispose]();
      })
    );
    this.#session = clients[0]?.session ?? this.#session;
    for (const client of clients) client[Symbol.dispose]();
  }

  #client(): TlsEngine {
    return new TlsEngine(this.#clients, {
      role: "client",
      hostname: "localhost",
      ...(this.#session && { session: this.#session }),
    });
  }
}

/** What clients say to what they are sent, and at its end that it is the end. */
function answersOf(
  clients: TlsEngine[],
  flights: Uint8Array[],
): Uint8Array[] {
  return clients.map((client, i) => {
    client.receive(flights[i] ?? new Uint8Array());
    if (client.peerClosed) client.close();
    return client.send();
  });
}

/** Adds up the processor time of this process. */
class Stopwatch {
  microseconds = 0;

  measure<T>(work: () => T): T {
    const before = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(before);
    this.microseconds += user + system;
    return result;
  }
}
