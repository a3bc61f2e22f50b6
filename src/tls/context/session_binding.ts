import { toHex } from "../../internal/bytes.ts";
import {
  optionRangeError,
  optionTypeError,
} from "../../internal/option_error.ts";
import { Recent } from "../../internal/recent.ts";
import { received } from "../../internal/received.ts";
import { TlsError } from "../../internal/tls_error.ts";
import { SSL_VERIFY_NONE } from "../../libssl/constants.ts";
import type { SSL_CTX } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import type { CoreOptions } from "./context_options.ts";
import type { CertificateChain } from "./credentials.ts";
import type { TrustedObjects } from "./trust.ts";

/** What a context was given in certificates and revocation lists. */
export interface ContextObjects extends TrustedObjects {
  /** The certificates that it sends. */
  readonly chains: readonly CertificateChain[];
}

/**
 * How an option decides who may resume a session: `"trust"`, by whom servers and clients
 * trust; `"client"`, by who a client is and what it offers. `"object"` are certificates and
 * lists, which count by their DER. `"none"`: it makes no difference, or is compared when a
 * session is looked up.
 */
type Part = "trust" | "client" | "object" | "none";

const PARTS: Readonly<Record<keyof CoreOptions, Part>> = {
  allowCommonName: "trust",
  allowPartialChain: "trust",
  alpnProtocols: "client",
  caCerts: "object",
  cert: "object",
  certificates: "object",
  clientAuth: "none", // as the verify mode, which `configure` may change
  commit: "none",
  configure: "none", // as its commands, below
  contextFor: "none",
  crl: "object",
  dhparam: "none",
  key: "none",
  keyLog: "none",
  lookupTimeout: "none",
  maxCertList: "none",
  maxEarlyData: "none",
  maxLookupsPerHello: "none",
  maxSessionAge: "none",
  maxVersion: "none",
  minVersion: "none",
  onStoreError: "none",
  openssl: "none",
  passphrase: "none",
  pfx: "object",
  postHandshakeAuth: "client", // and for servers it has trust count
  revalidate: "none",
  sendCaNames: "none",
  sessionIdContext: "none", // in place of the server name
  sessionIdKey: "none",
  sessionTimeout: "none",
  sessions: "none",
  singleUse: "none",
  tag: "none",
  ticketKeys: "none",
  tickets: "none",
  uncleanClose: "none",
  writeTimeout: "none",
};

/**
 * Commands of OpenSSL's configuration that decide which certificates are accepted. Those that
 * name files find none, and the verify mode and security level are read from the context.
 */
const TRUST_COMMANDS: ReadonlySet<string> = new Set([
  "clientsignaturealgorithms",
  "signaturealgorithms",
]);
const VERIFY_MODE = "verifymode";

const MAX_CONTEXT_BYTES = 32;
const SERVER_LABEL = new TextEncoder().encode("sesame session id context 3");
const CLIENT_LABEL = new TextEncoder().encode("sesame client sessions 2");

/**
 * What sessions of a context are bound to: digests of its options, computed when the context
 * is made. Options that mean the same give the same digest, whatever their form.
 */
export class SessionBinding {
  /** What a client's sessions are bound to: whom it trusts, who it is and what it offers. */
  readonly client: Uint8Array;
  readonly #openssl: OpenSSL;
  readonly #server: string;
  readonly #negotiated: string;
  readonly #sessionIdContext: string | undefined;
  // Clients choose the names.
  readonly #contexts = new Recent<Uint8Array>(64, 256);

  /** The binding of a context that is configured. */
  constructor(
    openssl: OpenSSL,
    ctx: SSL_CTX,
    options: CoreOptions,
    objects: ContextObjects,
  ) {
    checkContext(options.sessionIdContext);
    this.#openssl = openssl;
    this.#sessionIdContext = options.sessionIdContext;
    const trust = trustOf(openssl, options, objects);
    const commands = commandsOf(options);
    this.client = this.#digest(CLIENT_LABEL, [
      trust,
      partOf(options, "client"),
      objects.chains.map((chain) => chain.map((der) => hash(openssl, der))),
      commands,
    ]);
    const { libssl } = openssl;
    const verifyMode = libssl.SSL_CTX_get_verify_mode(ctx);
    const trusts = verifyMode !== SSL_VERIFY_NONE || options.postHandshakeAuth;
    this.#server = toHex(this.#digest(SERVER_LABEL, [
      verifyMode,
      libssl.SSL_CTX_get_security_level(ctx),
      trusts
        ? [trust, commands.filter(([name]) => TRUST_COMMANDS.has(name))]
        : [],
    ]));
    const { minVersion, maxVersion } = options;
    this.#negotiated = toHex(
      this.#digest(SERVER_LABEL, [minVersion, maxVersion, commands]),
    );
  }

  /**
   * The session id context of a server's connection: never empty, the same on all servers of
   * the same options, another for each server name (RFC 6066, section 3) and each policy of
   * client authentication. In OpenSSL's internal cache, where nothing else is compared, it
   * also depends on what can be negotiated.
   */
  sessionIdContext(
    serverName: string | null,
    isInternal: boolean,
  ): Uint8Array {
    const host = this.#sessionIdContext === undefined
      ? { serverName }
      : { sessionIdContext: this.#sessionIdContext };
    return this.#contexts.get(
      `${isInternal} ${serverName}`,
      () =>
        this.#digest(SERVER_LABEL, [
          host,
          this.#server,
          isInternal ? this.#negotiated : "",
        ]),
    );
  }

  #digest(label: Uint8Array, value: unknown): Uint8Array {
    const text = JSON.stringify(value);
    return hmac(this.#openssl, label, new TextEncoder().encode(text));
  }
}

/** Whom a context trusts. The order of authorities and lists makes no difference. */
function trustOf(
  openssl: OpenSSL,
  options: CoreOptions,
  { authorities, crls }: TrustedObjects,
): unknown {
  const setOf = (all: readonly Uint8Array[]): string[] =>
    [...new Set(all.map((der) => hash(openssl, der)))].sort();
  return [partOf(options, "trust"), setOf(authorities), setOf(crls)];
}

/** The commands of `configure`, whose names OpenSSL reads in any case, but the verify mode. */
function commandsOf({ configure = [] }: CoreOptions): [string, string][] {
  return configure
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(([name]) => name !== VERIFY_MODE);
}

/** The options of a part that say something, in one order. */
function partOf(options: CoreOptions, part: Part): [string, unknown][] {
  return (Object.keys(PARTS) as (keyof CoreOptions)[])
    .filter((name) => PARTS[name] === part && isSet(options[name]))
    .map((name) => [name, options[name]]);
}

/** Whether a value differs from none: `false` and an empty array don't. */
function isSet(value: unknown): boolean {
  const isEmpty = Array.isArray(value) && value.length === 0;
  return value !== undefined && value !== false && !isEmpty;
}

function checkContext(context: string | undefined): void {
  if (context === undefined) return;
  if (typeof context !== "string") {
    throw optionTypeError(
      "sessionIdContext",
      `must be a string, received ${received(context)}`,
    );
  }
  const { length } = new TextEncoder().encode(context);
  if (length < 1 || length > MAX_CONTEXT_BYTES) {
    throw optionRangeError(
      "sessionIdContext",
      `must be 1 to ${MAX_CONTEXT_BYTES} bytes of UTF-8, received ${length}`,
    );
  }
}

function hash(openssl: OpenSSL, der: Uint8Array): string {
  return toHex(hmac(openssl, SERVER_LABEL, der));
}

function hmac(
  { libssl }: OpenSSL,
  label: Uint8Array,
  bytes: Uint8Array,
): Uint8Array {
  const digest = libssl.HMAC("SHA256", label, bytes);
  if (digest === null) {
    throw new TlsError(
      "out-of-memory",
      "Cannot compute what sessions are bound to",
    );
  }
  return digest;
}
