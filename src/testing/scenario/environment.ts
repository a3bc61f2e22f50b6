import { received } from "../../internal/received.ts";
import { NO_OPTIONS, ownOptions } from "../../internal/own_options.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import {
  TlsContext,
  type TlsContextOptions,
} from "../../tls/context/context.ts";
import type { CertificateAndKey } from "../../pki/certificate.ts";
import type {
  ScenarioCertificate,
  ScenarioCertificateName,
  ScenarioClient,
  ScenarioHost,
  ScenarioIssuer,
  ScenarioPeer,
  ScenarioServer,
} from "./peers.ts";
import { defined } from "./validation.ts";
import { ScenarioStores } from "./stores.ts";
import { VirtualClock } from "../clock.ts";
import { seededEntropy } from "../entropy.ts";
import { createTestPki, type TestIssueOptions } from "../pki.ts";
import { createTlsSandbox, type TlsSandbox } from "../sandbox.ts";

const TICKET_KEY_BYTES = 80;
const SESSION_ID_KEY_BYTES = 32;

const CERTIFICATES: Readonly<Record<ScenarioCertificateName, true>> = {
  client: true,
  expired: true,
  notCa: true,
  notYetValid: true,
  unknownRevocation: true,
  selfSigned: true,
  server: true,
  untrusted: true,
  wrongHost: true,
  wrongUsage: true,
};
const ISSUERS: readonly ScenarioIssuer[] = [
  "intermediate",
  "ca",
  "otherCa",
  "self",
];

/**
 * The named certificates, which all scenarios share, whatever their seeds: scenarios start at
 * the same time, and making the certificates takes longer than most scenarios.
 */
const PKI = createTestPki({ seed: "scenarios", now: new VirtualClock().now });

/** A server of a scenario. */
export interface ServerNode {
  /** The context that accepts connections. */
  readonly context: TlsContext;
  /** All contexts that may serve them, depending on the server name. */
  readonly contexts: readonly TlsContext[];
}

/** A client of a scenario. */
export interface ClientNode {
  /** The context that makes connections. */
  readonly context: TlsContext;
  /** The host name to ask for. */
  readonly hostname: string;
}

/** The clock, certificates, stores, clients and servers of a scenario. */
export class ScenarioEnvironment implements Disposable {
  /** The clock, the seed and the instances. */
  readonly sandbox: TlsSandbox;
  /** The session stores of the servers. */
  readonly stores: ScenarioStores;
  readonly #start: number;
  readonly #contexts: TlsContext[] = [];
  readonly #issued = new Map<string, CertificateAndKey>();
  readonly #instances = { server: 0, client: 0 };

  /** Creates an environment without clients and servers. */
  constructor(seed: string | number) {
    this.sandbox = createTlsSandbox({ seed });
    this.stores = new ScenarioStores(this.sandbox);
    this.#start = this.sandbox.clock.now();
  }

  /** Creates a client in an instance of its own. */
  client(options: ScenarioClient): ClientNode {
    const { hostname = "localhost", ...peer } = ownOptions(options);
    const openssl = this.#instance("client");
    return { context: this.#context(openssl, this.#peer(peer)), hostname };
  }

  /** Creates a server in an instance of its own. */
  server(options: ScenarioServer): ServerNode {
    const { hosts = NO_OPTIONS, ...own } = ownOptions(options);
    const openssl = this.#instance("server");
    const chosen = new Map(
      Object.entries(hosts).map(([name, host]) => [
        name,
        host === "refuse"
          ? null
          : this.#host(openssl, host, name === "" ? {} : { hosts: [name] }),
      ]),
    );
    const context = this.#host(openssl, own, "server", (name) => {
      const host = chosen.get(name ?? "");
      if (host === null) throw new Error("This host is refused");
      return host;
    });
    const served = [...chosen.values()].filter((host) => host !== null);
    return { context, contexts: [context, ...served] };
  }

  /** Closes the contexts and the sandbox. */
  [Symbol.dispose](): void {
    for (const context of this.#contexts) context.close();
    this.sandbox[Symbol.dispose]();
  }

  #instance(end: "client" | "server"): OpenSSL {
    const number = ++this.#instances[end];
    if (number === 1) return this.sandbox[end];
    const { seed, clock } = this.sandbox;
    return new OpenSSL({
      entropy: seededEntropy(`${seed}/${end} ${number}`),
      clock: clock.now,
    });
  }

  #context(openssl: OpenSSL, options: TlsContextOptions): TlsContext {
    const context = new TlsContext({ ...options, openssl });
    this.#contexts.push(context);
    return context;
  }

  #host(
    openssl: OpenSSL,
    options: ScenarioHost,
    certificate: ScenarioCertificate,
    contextFor?: NonNullable<TlsContextOptions["contextFor"]>,
  ): TlsContext {
    const given = defined(options);
    const { store, faults, ticketKeys, sessionIdKey, tag, ...rest } = given;
    const { certificate: _, trust: __, alpnProtocols: ___, ...others } =
      ownOptions(rest);
    const sessions = this.stores.of({ store, faults, tag });
    return this.#context(openssl, {
      ...others,
      ...this.#peer({ certificate, ...given }),
      ...(sessions && { sessions, onStoreError: () => {} }),
      ...(contextFor && { contextFor }),
      ...(tag !== undefined && { tag: () => tag }),
      ...(ticketKeys && {
        ticketKeys: ticketKeys.map((name) =>
          this.#key(`ticket key/${name}`, TICKET_KEY_BYTES)
        ),
      }),
      ...(sessionIdKey && {
        sessionIdKey: sessionIdKey.map((name) =>
          this.#key(`session id key/${name}`, SESSION_ID_KEY_BYTES)
        ),
      }),
    });
  }

  #peer(given: ScenarioPeer): TlsContextOptions {
    const options = ownOptions(given);
    const { certificate, trust = ["ca"], alpnProtocols } = options;
    const { configure, minVersion, maxVersion } = options;
    const { sessionTimeout, maxSessionAge } = options;
    return {
      ...(certificate !== undefined && this.#certificate(certificate)),
      caCerts: trust.map((root) => {
        if (root === "ca" || root === "otherCa") {
          return PKI[root].cert;
        }
        throw new TypeError(
          `trust must be of ca, otherCa, received ${received(root)}`,
        );
      }),
      ...(alpnProtocols && { alpnProtocols: [...alpnProtocols] }),
      ...(configure && { configure }),
      ...(minVersion && { minVersion }),
      ...(maxVersion && { maxVersion }),
      ...(sessionTimeout !== undefined && { sessionTimeout }),
      ...(maxSessionAge !== undefined && { maxSessionAge }),
    };
  }

  #key(label: string, length: number): Uint8Array {
    const key = new Uint8Array(length);
    seededEntropy(`${this.sandbox.seed}/${label}`)(key);
    return key;
  }

  #certificate(certificate: ScenarioCertificate): CertificateAndKey {
    if (typeof certificate !== "string") return this.#issue(certificate);
    if (Object.hasOwn(CERTIFICATES, certificate)) return PKI[certificate];
    throw new TypeError(
      `certificate must be ${
        Object.keys(CERTIFICATES).join(", ")
      } or an object, received ${received(certificate)}`,
    );
  }

  /** Certificates with equal options are one certificate. */
  #issue(
    certificate: Exclude<ScenarioCertificate, string>,
  ): CertificateAndKey {
    const key = JSON.stringify(certificate);
    const { validFrom, validUntil, hosts, issuer = "intermediate", ...rest } =
      defined(certificate);
    if (!ISSUERS.includes(issuer)) {
      throw new TypeError(
        `issuer must be ${ISSUERS.join(", ")}, received ${received(issuer)}`,
      );
    }
    const at = (seconds: number): Date =>
      new Date(this.#start + 1000 * seconds);
    const options: TestIssueOptions = {
      ...rest,
      ...(hosts && { hosts: [...hosts] }),
      issuer: issuer === "self" ? issuer : PKI[issuer],
      ...(validFrom !== undefined && { notBefore: at(validFrom) }),
      ...(validUntil !== undefined && { notAfter: at(validUntil) }),
    };
    const issued = this.#issued.get(key) ??
      this.sandbox.pki.issue(options);
    this.#issued.set(key, issued);
    return issued;
  }
}
