import { ownOptions } from "../../internal/own_options.ts";
import { byteView } from "../../internal/byte_view.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import {
  checkClientStore,
  CLIENT_STORE_NAMES,
  type ClientStoreOptions,
} from "../socket/client_store_options.ts";
import { TlsContext, type TlsContextOptions } from "../context/context.ts";
import { IN_CONTEXT } from "../context/context_options.ts";
import { parseHostName } from "../peer/host_name.ts";
import { rootCertificates } from "../context/root_certificates.ts";
import { TlsSession } from "../sessions/session.ts";
import {
  checkedPort,
  checkedTimeout,
  checkSignal,
} from "../../internal/option_checks.ts";
import { ownContext, type OwnedContext } from "../socket/socket_options.ts";

/** The options of the context that a connection creates, without `context`. */
export type ClientContextOptions = Pick<
  TlsContextOptions,
  | "allowCommonName"
  | "allowPartialChain"
  | "alpnProtocols"
  | "caCerts"
  | "cert"
  | "certificates"
  | "configure"
  | "crl"
  | "key"
  | "keyLog"
  | "maxVersion"
  | "minVersion"
  | "openssl"
  | "passphrase"
  | "pfx"
  | "postHandshakeAuth"
>;

/** Their names. */
const CONTEXT_NAMES: Readonly<Record<keyof ClientContextOptions, true>> = {
  allowCommonName: true,
  allowPartialChain: true,
  alpnProtocols: true,
  caCerts: true,
  cert: true,
  certificates: true,
  configure: true,
  crl: true,
  key: true,
  keyLog: true,
  maxVersion: true,
  minVersion: true,
  openssl: true,
  passphrase: true,
  pfx: true,
  postHandshakeAuth: true,
};

/** The server to connect to, how to verify it, and which session to resume. */
export interface ConnectTlsOptions
  extends ClientContextOptions, ClientStoreOptions {
  /**
   * The host name or IP address to connect to, and the one to ask for and to verify unless
   * `servername` says otherwise. It is read as the host of a URL is: `"localhost."`,
   * `"[::1]"` and `"bücher.example"` are valid.
   */
  hostname: string;
  /**
   * The host name or IP address to ask for by SNI and to verify the certificate by, if it is
   * not `hostname`. Sessions in `sessions` are kept under this name. By default `hostname`.
   */
  servername?: string;
  /** The port. */
  port: number;
  /**
   * The certificates in PEM to verify the server by. By default those of the runtime,
   * which Deno gives with `--allow-sys --allow-env=NODE_USE_SYSTEM_CA`: see {@linkcode rootCertificates}.
   */
  caCerts?: string[];
  /**
   * The configuration, instead of the options of a context. The caller closes it. Use one for
   * repeated connections: otherwise each connection creates its own.
   */
  context?: TlsContext;
  /** A session to resume. */
  session?: TlsSession;
  /**
   * Data to send with the hello if the session allows as much. It may be replayed, and
   * refused: unless {@linkcode TlsConnectionInfo.earlyData} is `"accepted"`, the
   * server hasn't got it.
   */
  earlyData?: Uint8Array;
  /**
   * How long connecting may take, and the handshake after it, in milliseconds each. By
   * default 10 000.
   */
  handshakeTimeout?: number;
  /** Ends the connection at once, also when it is open. */
  signal?: AbortSignal;
}

const NAMES: Readonly<Record<keyof ConnectTlsOptions, true>> = {
  ...CONTEXT_NAMES,
  ...CLIENT_STORE_NAMES,
  context: true,
  earlyData: true,
  handshakeTimeout: true,
  hostname: true,
  port: true,
  servername: true,
  session: true,
  signal: true,
};

/** The caller's options, if they are of their types and in their ranges. */
export function ownConnectOptions(
  given: ConnectTlsOptions,
): ConnectTlsOptions {
  const options = ownOptions(given, NAMES, {
    of: "connectTls",
    ...IN_CONTEXT,
  });
  const { hostname, servername, port, session, sessions, earlyData } = options;
  parseHostName(hostname);
  if (servername !== undefined) {
    parseHostName(servername, "servername");
  }
  checkedPort(port);
  if (session !== undefined && !(session instanceof TlsSession)) {
    throw new TypeError(
      `options.session must be a TlsSession, received ${typeof session}`,
    );
  }
  checkClientStore(options);
  if (earlyData !== undefined) byteView(earlyData, "options.earlyData");
  if (earlyData !== undefined && !session && !sessions) {
    throw new TypeError(
      "options.earlyData needs options.session, or options.sessions to find one",
    );
  }
  checkSignal(options.signal);
  checkedTimeout(options.handshakeTimeout);
  return options;
}

/** Contexts that trust the runtime's root certificates: those take long to read. */
const trusting = new WeakMap<OpenSSL, TlsContext>();

/** The context of a client: the caller's, or one of the caller's options. */
export function clientContext(options: ConnectTlsOptions): OwnedContext {
  const { context, openssl = OpenSSL.default } = options;
  const own = contextOptions(options);
  if (context !== undefined || own.caCerts !== undefined) {
    return ownContext(context, own);
  }
  if (Object.keys(own).some((name) => name !== "openssl")) {
    return ownContext(undefined, { ...own, caCerts: defaultRoots() });
  }
  const known = trusting.get(openssl) ??
    new TlsContext({ openssl, caCerts: defaultRoots() });
  trusting.set(openssl, known);
  return { context: known, isOwn: false };
}

/** The runtime's certificates: who has left out `caCerts` may not know what these need. */
function defaultRoots(): string[] {
  try {
    return rootCertificates();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new Deno.errors.NotCapable(
      "options.caCerts is missing, and the runtime's root certificates need --allow-sys --allow-env=NODE_USE_SYSTEM_CA",
      { cause: error },
    );
  }
}

function contextOptions(options: ConnectTlsOptions): TlsContextOptions {
  const names = Object.keys(CONTEXT_NAMES) as (keyof ClientContextOptions)[];
  return Object.fromEntries(
    names.filter((name) => options[name] !== undefined)
      .map((name) => [name, options[name]]),
  );
}
