/**
 * Connections by hand that a recorder watches, in instances that are the same each time.
 *
 * @module
 */
import type { Endpoint } from "../../src/testing/endpoint.ts";
import type { DeliveryStatus } from "../../src/testing/network/types.ts";
import {
  OpenSSL,
  TlsContext,
  type TlsContextOptions,
  TlsEngine,
  type TlsEngineOptions,
  type TlsSession,
} from "@sesame/tls";
import type { DecodeContext } from "../../src/testing/trace/decode.ts";
import { OPEN } from "../../src/testing/trace/redaction.ts";
import { createTestCertificate } from "../../src/testing/certificate.ts";
import { VirtualClock } from "../../src/testing/clock.ts";
import { seededEntropy } from "../../src/testing/entropy.ts";
import {
  type Trace,
  TraceRecorder,
  type TraceRecorderOptions,
} from "../../src/testing/trace.ts";

/** What messages are read by once TLS 1.3 is selected. */
export const MODERN: DecodeContext = {
  version: "TLSv1.3",
  cipherSuite: "TLS_AES_128_GCM_SHA256",
  redaction: OPEN,
};

/** What messages are read by once TLS 1.2 is selected. */
export const LEGACY: DecodeContext = {
  version: "TLSv1.2",
  cipherSuite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  redaction: OPEN,
};

/** What a network does to bytes: what arrives, and what to call it. */
export type Meddler = (
  from: Endpoint,
  bytes: Uint8Array<ArrayBuffer>,
) => { bytes: Uint8Array; status: DeliveryStatus };

/** How to connect. */
export interface TracedOptions {
  server?: TlsContextOptions;
  client?: TlsContextOptions;
  engine?: Partial<TlsEngineOptions>;
  recorder?: TraceRecorderOptions;
  meddler?: Meddler;
}

/** Two ends, and what is known about them. */
export interface Traced extends Disposable {
  readonly client: TlsEngine;
  readonly server: TlsEngine;
  readonly recorder: TraceRecorder;
  readonly trace: Trace;
  /** Carries bytes until neither end has any: an answer takes 10 ms. */
  exchange(): void;
}

/** A client's instance and a server's, with a certificate. */
export class TracedLab {
  readonly clock: VirtualClock = new VirtualClock();
  readonly clientSsl: OpenSSL;
  readonly serverSsl: OpenSSL;
  readonly cert: string;
  readonly key: string;

  constructor(seed = "traced") {
    const instance = (label: string): OpenSSL =>
      new OpenSSL({
        entropy: seededEntropy(`${seed}/${label}`),
        clock: this.clock.now,
      });
    this.clientSsl = instance("client");
    this.serverSsl = instance("server");
    const openssl = instance("certificate");
    ({ cert: this.cert, key: this.key } = createTestCertificate({ openssl }));
  }

  /** A server's context. */
  server(options: TlsContextOptions = {}): TlsContext {
    const { cert, key, serverSsl: openssl } = this;
    return new TlsContext({ openssl, cert, key, ...options });
  }

  /** Both ends, before anything was carried. */
  open(options?: TracedOptions, server?: TlsContext): Traced {
    const { clock } = this;
    const recorder = new TraceRecorder({
      seed: "traced",
      clock,
      ...options?.recorder,
    });
    const { keyLog } = recorder;
    const ends = {
      server: new TlsEngine(server ?? this.server(options?.server), {
        role: "server",
      }),
      client: new TlsEngine(this.client({ keyLog, ...options?.client }), {
        role: "client",
        hostname: "localhost",
        ...options?.engine,
      }),
    };
    recorder.watch("client", ends.client);
    recorder.watch("server", ends.server);
    const meddler = options?.meddler ?? carry;
    return {
      ...ends,
      recorder,
      trace: recorder.trace,
      exchange(): void {
        while (pass("client") || pass("server")) clock.advance(10);
      },
      [Symbol.dispose](): void {
        ends.client[Symbol.dispose]();
        ends.server[Symbol.dispose]();
      },
    };

    function pass(from: Endpoint): boolean {
      const sent = ends[from].send();
      if (sent.length === 0) return false;
      const { bytes, status } = meddler(from, sent);
      recorder.wire(from, bytes, status);
      const peer = ends[from === "client" ? "server" : "client"];
      if (status !== "dropped" && status !== "truncated") receive(peer, bytes);
      return true;
    }
  }

  /** Both ends after their handshake. */
  connect(options?: TracedOptions, server?: TlsContext): Traced {
    const traced = this.open(options, server);
    traced.exchange();
    return traced;
  }

  /** A session of a server's, got without a trace. */
  session(server: TlsContext, client: TlsContextOptions = {}): TlsSession {
    using traced = this.connect({ client }, server);
    const { session } = traced.client;
    if (session === null) throw new Error("The client got no session");
    return session;
  }

  /** A client's context. */
  client(options: TlsContextOptions = {}): TlsContext {
    const { cert, clientSsl: openssl } = this;
    return new TlsContext({ openssl, caCerts: [cert], ...options });
  }
}

function carry(
  _from: Endpoint,
  bytes: Uint8Array,
): { bytes: Uint8Array; status: DeliveryStatus } {
  return { bytes, status: "delivered" };
}

/** An end that fails says so by an alert. */
function receive(end: TlsEngine, bytes: Uint8Array): void {
  try {
    end.receive(bytes);
  } catch {
    // It is in `error`.
  }
}

/** Text whose hashes, ids and sizes are the same in each release of OpenSSL. */
export function masked(text: string): string {
  const letters = new Map<string, string>();
  const letter = (hex: string): string => {
    const known = letters.get(hex);
    if (known !== undefined) return known;
    const next = String.fromCharCode("a".charCodeAt(0) + letters.size);
    letters.set(hex, next.repeat(hex.length));
    return next.repeat(hex.length);
  };
  return text
    .replaceAll(/(?<=#)[0-9a-f]{8}|[0-9a-f]{16}(?=…)/g, letter)
    .replaceAll(/\d+(?= bytes| cipher suites)/g, (n) => "#".repeat(n.length))
    .split("\n").map((line) => line.trimEnd()).join("\n");
}
