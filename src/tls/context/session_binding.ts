import { toHex } from "../../internal/bytes.ts";
import { SSL_VERIFY_NONE } from "../../libssl/constants.ts";
import type { SSL_CTX } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import type { CoreOptions, TlsCertificateOptions } from "./context_options.ts";
import { pemBlocks } from "./pem_blocks.ts";

/**
 * What an option says of who may resume a session: `"trust"` decides whom either end takes
 * for genuine, `"client"` who a client is and what it asks for. The others are looked at
 * when a session is found, or make no difference to whether it may be resumed.
 */
type Part = "trust" | "client" | "other";

const PARTS: Readonly<Record<keyof CoreOptions, Part>> = {
  allowCommonName: "trust",
  allowPartialChain: "trust",
  alpnProtocols: "client",
  caCerts: "trust",
  cert: "client",
  certificates: "client",
  clientAuth: "other", // as the verify mode, which `configure` may change
  commit: "other",
  configure: "client", // and for servers what decides trust, of its commands
  contextFor: "other",
  crl: "trust",
  dhparam: "other",
  key: "other",
  keyLog: "other",
  lookupTimeout: "other",
  maxEarlyData: "other",
  maxCertList: "other",
  maxLookupsPerHello: "other",
  maxSessionAge: "other",
  maxVersion: "other",
  minVersion: "other",
  onStoreError: "other",
  openssl: "other",
  passphrase: "other",
  pfx: "client",
  postHandshakeAuth: "client", // and has trust count for servers
  sendCaNames: "other",
  revalidate: "other",
  sessionIdContext: "other", // in place of the server name
  sessionIdKey: "other",
  sessionTimeout: "other",
  sessions: "other",
  singleUse: "other",
  tag: "other",
  ticketKeys: "other",
  tickets: "other",
  uncleanClose: "other",
  writeTimeout: "other",
};

/** Options whose texts are PEM, beside sets. */
const PEM: ReadonlySet<string> = new Set(["cert"]);

/** Options whose parts may be in any order, each as a text of its own or with others. */
const SETS: ReadonlySet<string> = new Set(["caCerts", "crl"]);

/** Commands of OpenSSL's configuration that decide which certificates are good enough. */
const TRUST_COMMANDS =
  /^(Verify|ChainCA|RequestCA|ClientCA|ClientSignatureAlgorithms|SignatureAlgorithms)/i;

const MAX_CONTEXT_BYTES = 32;
const SERVER_LABEL = new TextEncoder().encode("sesame session id context 2");
const CLIENT_LABEL = new TextEncoder().encode("sesame client sessions 1");

/** What sessions of a context are bound to: taken once, when the context is made. */
export class SessionBinding {
  /** A digest of what decides which sessions a client resumes: whom it trusts and who it is. */
  readonly client: Uint8Array;
  readonly #openssl: OpenSSL;
  readonly #server: string;
  readonly #wire: string;
  readonly #sessionIdContext: string | undefined;

  /** Of a context that has been configured. */
  constructor(openssl: OpenSSL, ctx: SSL_CTX, options: CoreOptions) {
    checkContext(options.sessionIdContext);
    this.#openssl = openssl;
    this.#sessionIdContext = options.sessionIdContext;
    this.#server = serverPolicy(openssl, ctx, options);
    this.#wire = wirePolicy(openssl, options);
    this.client = hmac(
      openssl,
      CLIENT_LABEL,
      JSON.stringify([partOf(options, "trust"), partOf(options, "client")]),
    );
  }

  /**
   * What a server connection's sessions are bound to: never empty, the same on every server
   * of the same policy, different for each server name (RFC 6066, section 3) and always for
   * each policy of client authentication. Where the sessions are in OpenSSL's internal cache,
   * which gives them out unseen, they are bound to what was negotiable, too.
   */
  sessionIdContext(
    serverName: string | null,
    isInternal: boolean,
  ): Uint8Array {
    const host = this.#sessionIdContext === undefined
      ? { serverName }
      : { sessionIdContext: this.#sessionIdContext };
    return hmac(
      this.#openssl,
      SERVER_LABEL,
      JSON.stringify(host) + this.#server + (isInternal ? this.#wire : ""),
    );
  }
}

/** Contexts that differ in none of this negotiate the same. */
function wirePolicy(
  openssl: OpenSSL,
  { minVersion, maxVersion, configure }: CoreOptions,
): string {
  return digestOf(openssl, { minVersion, maxVersion, configure });
}

/** Servers that differ in none of this know the same peers by the same proofs. */
function serverPolicy(
  openssl: OpenSSL,
  ctx: SSL_CTX,
  options: CoreOptions,
): string {
  const { libssl } = openssl;
  const verifyMode = libssl.SSL_CTX_get_verify_mode(ctx);
  return digestOf(openssl, {
    verifyMode,
    securityLevel: libssl.SSL_CTX_get_security_level(ctx),
    trust: verifyMode === SSL_VERIFY_NONE && !options.postHandshakeAuth
      ? null
      : {
        ...partOf(options, "trust"),
        commands: (options.configure ?? []).filter(([command]) =>
          TRUST_COMMANDS.test(command)
        ).map(([command, value]) => [command.toLowerCase(), value]),
      },
  });
}

function digestOf(openssl: OpenSSL, value: unknown): string {
  return toHex(hmac(openssl, SERVER_LABEL, JSON.stringify(value)));
}

/** The options that are part of it, in one order whatever the caller's. */
function partOf(
  options: CoreOptions,
  part: Part,
): Record<string, unknown> {
  const names = (Object.keys(PARTS) as (keyof CoreOptions)[])
    .filter((name) => PARTS[name] === part && says(options[name]));
  return Object.fromEntries(
    names.map((name) => [name, normal(name, options[name])]),
  );
}

/** Whether a value says more than none: what is off or empty is so without it, too. */
function says(value: unknown): boolean {
  const isEmpty = Array.isArray(value) && value.length === 0;
  return value !== undefined && value !== false && !isEmpty;
}

/** How PEM is written down, and in which order authorities and lists are, is no difference. */
function normal(name: string, value: unknown): unknown {
  if (SETS.has(name)) {
    const parts = [value].flat().map((part) => normal("cert", part)).flat();
    return [...new Set(parts.map((part) => JSON.stringify(part)))].sort();
  }
  if (value instanceof Uint8Array) return { bytes: value.join() };
  if (typeof value === "string") return PEM.has(name) ? blocks(value) : value;
  if (!Array.isArray(value)) return value;
  if (name === "certificates") return value.map(identityOf);
  return value.map((part) => normal(name, part));
}

/** Who a certificate says one is, without its key. */
function identityOf({ cert, pfx }: TlsCertificateOptions): unknown {
  return [normal("cert", cert), normal("pfx", pfx)];
}

/** The blocks of a PEM text, as they are read, without what may differ in them. */
function blocks(pem: string): string[] {
  return pemBlocks(pem, "options").map(({ label, base64 }) =>
    `${label} ${base64}`
  );
}

function checkContext(context: string | undefined): void {
  if (context === undefined) return;
  if (typeof context !== "string") {
    throw new TypeError(
      `options.sessionIdContext must be a string, received ${typeof context}`,
    );
  }
  const { length } = new TextEncoder().encode(context);
  if (length < 1 || length > MAX_CONTEXT_BYTES) {
    throw new RangeError(
      `options.sessionIdContext must be 1 to ${MAX_CONTEXT_BYTES} bytes, received ${length}`,
    );
  }
}

function hmac(
  { libssl }: OpenSSL,
  label: Uint8Array,
  text: string,
): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const digest = libssl.HMAC("SHA256", label, bytes);
  if (digest === null) {
    throw new TypeError("Cannot derive a session id context");
  }
  return digest;
}
