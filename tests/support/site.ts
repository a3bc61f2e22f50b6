/**
 * Servers that share a store and a clock, and clients that visit them.
 *
 * @module
 */
import { assert } from "@std/assert";
import {
  OpenSSL,
  type Resumption,
  type StoreOperation,
  TlsContext,
  type TlsContextOptions,
  type TlsEngineOptions,
  type TlsSession,
  type TlsVersion,
} from "@sesame/tls";
import { certificate, type Ends, endsOf, exchange } from "./engines.ts";
import { ProbedStore } from "./probed_store.ts";

/** The versions that sessions differ in. */
export const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** Options of `describe` that have Deno look for what a test leaves behind. */
export const SANITIZED = {
  sanitizeOps: true,
  sanitizeResources: true,
} as const;

/** How a client visits a server. */
export interface VisitOptions {
  /** The client's highest version. */
  version?: TlsVersion;
  /** What it proposes to resume. */
  session?: TlsSession | undefined;
  /** Data to send with the hello. */
  earlyData?: Uint8Array;
  /** Whom it asks for. By default localhost. */
  hostname?: string;
  /** The rest of the client's context. */
  client?: TlsContextOptions;
}

/** A visit, after the handshake. */
export interface Visit extends Ends {
  /** Whether the server resumed. */
  readonly resumption: Resumption;
  /** The newest session of the client. */
  readonly session: TlsSession;
}

/** An instance with a clock that the test moves, a store, and contexts of both roles. */
export class Site implements Disposable {
  /** The time in milliseconds, a whole second. */
  time: number = Math.floor(Date.now() / 1000) * 1000;
  readonly store: ProbedStore = new ProbedStore(() => this.time);
  readonly openssl: OpenSSL = this.instance();
  /** What `onStoreError` was told. */
  readonly failures: [StoreOperation, unknown][] = [];
  readonly #contexts: TlsContext[] = [];

  /** Another instance with this site's clock. */
  instance(): OpenSSL {
    return new OpenSSL({ clock: () => this.time });
  }

  /** A context without a store. */
  context(options: TlsContextOptions = {}): TlsContext {
    return this.#context({ ...certificate, ...options });
  }

  /** A client's context, without a certificate unless given. */
  client(options: TlsContextOptions = {}): TlsContext {
    return this.#context({ caCerts: [certificate.cert], ...options });
  }

  /** A context with this site's store. */
  server(options: TlsContextOptions = {}): TlsContext {
    return this.context({
      sessions: this.store,
      // A busy machine must not look like a slow store.
      lookupTimeout: 10_000,
      writeTimeout: 10_000,
      onStoreError: (error, operation) =>
        this.failures.push([operation, error]),
      ...options,
    });
  }

  /** Both ends, before the handshake. */
  ends(server: TlsContext, options: VisitOptions = {}): Ends {
    const { version = "TLSv1.3", hostname, session, earlyData } = options;
    const client = this.client({ maxVersion: version, ...options.client });
    const engine: Partial<TlsEngineOptions> = {
      ...(hostname && { hostname }),
      ...(session && { session }),
      ...(earlyData && { earlyData }),
    };
    return endsOf(server, client, engine);
  }

  /** Both ends, after a handshake that may have waited. */
  async visit(server: TlsContext, options: VisitOptions = {}): Promise<Visit> {
    const ends = this.ends(server, options);
    await settle(ends);
    return visitOf(ends, options);
  }

  /** A visit with a client's context of the test's own. */
  async visitAs(client: TlsContext, server: TlsContext): Promise<Visit> {
    const ends = endsOf(server, client);
    await settle(ends);
    return visitOf(ends);
  }

  /** {@linkcode Site.visit}, and goodbye: what became of it. */
  async resume(
    server: TlsContext,
    options: VisitOptions = {},
  ): Promise<Resumption> {
    using visit = await this.visit(server, options);
    return visit.resumption;
  }

  /** {@linkcode Site.visit}, and goodbye: the session for the next. */
  async session(
    server: TlsContext,
    options: VisitOptions = {},
  ): Promise<TlsSession> {
    using visit = await this.visit(server, options);
    return visit.session;
  }

  #context(options: TlsContextOptions): TlsContext {
    const context = new TlsContext({ openssl: this.openssl, ...options });
    this.#contexts.push(context);
    return context;
  }

  [Symbol.dispose](): void {
    for (const context of this.#contexts) context.close();
  }
}

/** Carries bytes until neither end has any, and the server waits for nothing. */
export async function settle(ends: Ends): Promise<void> {
  exchange(ends);
  while (ends.server.pending) {
    await ends.server.pending;
    exchange(ends);
  }
}

/** What became of a handshake. */
export function visitOf(ends: Ends, options: VisitOptions = {}): Visit {
  const { client, server } = ends;
  assert(client.state === "open", client.error?.message ?? client.state);
  assert(server.state === "open", server.error?.message ?? server.state);
  const session = client.session ?? options.session;
  assert(server.resumption !== null);
  return {
    ...ends,
    resumption: server.resumption,
    get session(): TlsSession {
      assert(session, "the client got no session");
      return session;
    },
  };
}

/** A record that doesn't decrypt any more. */
export function tampered(record: Uint8Array): Uint8Array {
  return record.with(-1, (record.at(-1) ?? 0) ^ 1);
}

/** Text as bytes. */
export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Bytes as text. */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
