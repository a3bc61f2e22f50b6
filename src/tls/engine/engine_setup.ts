import { optionTypeError } from "../../internal/option_error.ts";
import { checkedChoice } from "../../internal/option_checks.ts";
import { ownOptions } from "../../internal/own_options.ts";
import { received } from "../../internal/received.ts";
import { IN_CONTEXT } from "../context/context_options.ts";
import { TlsError } from "../../internal/tls_error.ts";
import { SSL_VERIFY_PEER } from "../../libssl/constants.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import type { SessionVerdict } from "../../libssl/session_age.ts";
import { isForHost, requireHost } from "../peer/host_check.ts";
import { type HostName, parseHostName } from "../peer/host_name.ts";
import { allocated } from "../errors/openssl_error.ts";
import { TlsSession } from "../sessions/session.ts";

/** Options of a {@linkcode TlsEngine}. */
export interface TlsEngineOptions {
  /** Which side of the handshake this is. */
  role: "client" | "server";
  /**
   * The host name or IP address of the server, for clients: asked for and verified. As in a
   * URL, so that `"localhost."`, `"[::1]"` and `"bücher.example"` will do.
   */
  hostname?: string;
  /**
   * A session to resume, for clients. The server then shows no certificate: it was
   * verified at {@linkcode TlsSession.provedAt}, by what was trusted then. A session that has
   * expired, or is older than the context's `maxSessionAge`, isn't proposed.
   */
  session?: TlsSession;
  /**
   * Data to send with the hello, for clients that resume a session that allows it. It may
   * be replayed, and refused: then {@linkcode TlsConnectionInfo.earlyData} says so.
   */
  earlyData?: Uint8Array;
  /** The peer's address, for the `tag` of a server's context. */
  remoteAddress?: string;
  /** The address at this end, for the `tag` of a server's context. */
  localAddress?: string;
}

/** The names of all options. */
const ENGINE_OPTION_NAMES: Readonly<
  Record<keyof TlsEngineOptions, true>
> = {
  earlyData: true,
  hostname: true,
  localAddress: true,
  remoteAddress: true,
  role: true,
  session: true,
};

/**
 * A checked copy of what one connection is to be.
 *
 * @throws {TypeError} If an option is of another role, or there is no such role or option.
 */
export function engineOptions(options: TlsEngineOptions): TlsEngineOptions {
  if (options instanceof AcceptedServer) return options;
  const own = ownOptions(options, ENGINE_OPTION_NAMES, {
    of: "TlsEngine",
    ...IN_CONTEXT,
  });
  const { role } = own;
  checkedChoice(role, ["client", "server"], "role");
  for (const name of ["earlyData", "session"] as const) {
    if (role === "server" && own[name] !== undefined) {
      throw optionTypeError(name, "is for clients, not for a server");
    }
  }
  return own;
}

/** The options of a connection that a listener has accepted: they need no check. */
export class AcceptedServer implements TlsEngineOptions {
  readonly role = "server";
  readonly remoteAddress: string;
  readonly localAddress: string;

  constructor(remoteAddress: string, localAddress: string) {
    this.remoteAddress = remoteAddress;
    this.localAddress = localAddress;
  }
}

/**
 * The session id context of clients' sessions: any client may propose them, and no server
 * resumes them, even from the same internal cache.
 */
const AS_CLIENT = new TextEncoder().encode("sesame client");

/**
 * How much each direction of a BIO pair holds. Records that are larger pass in parts, which
 * costs little time; OpenSSL's 17 KiB would be most of an idle connection's memory.
 */
const BIO_BYTES = 4096;

/** How much each direction of a connection's BIO pair holds. */
export function pairBytesFor(options: TlsEngineOptions): number {
  // Early data needs room beside the hello: 0 stands for 17 KiB. A server's `earlyData` isn't
  // read: the options of a listener have a prototype, which could have the property.
  return options.role === "client" && options.earlyData ? 0 : BIO_BYTES;
}

/** Makes `ssl` a client that verifies `hostname`: returns the parsed name. */
export function setUpClient(
  libssl: Libssl,
  ssl: SSL,
  hostname: string | undefined,
  flags: number,
): HostName {
  const host = parseHostName(hostname);
  libssl.SSL_set_connect_state(ssl);
  libssl.SSL_set_session_id_context(ssl, AS_CLIENT);
  libssl.SSL_set_verify(ssl, SSL_VERIFY_PEER, null);
  if (!requireHost(libssl, ssl, host, flags)) {
    throw new TlsError("out-of-memory", "Cannot set the server's name");
  }
  return host;
}

/** Proposes a session for a host if it is valid: returns the verdict. */
export function propose(
  openssl: OpenSSL,
  ssl: SSL,
  session: TlsSession,
  host: HostName,
  limits: { readonly hostFlags: number; readonly maxAge: number },
): SessionVerdict {
  const { libssl } = openssl;
  if (!(session instanceof TlsSession)) {
    throw optionTypeError(
      "session",
      `must be a TlsSession, received ${received(session)}`,
    );
  }
  const der = session.toBytes();
  const handle = allocated(libssl.d2i_SSL_SESSION(der), "a session");
  der.fill(0);
  try {
    // A resumption has no certificate: the session's must be for the host (RFC 8446, 4.6.1).
    const cert = libssl.SSL_SESSION_get0_peer(handle);
    if (cert === null || !isForHost(libssl, cert, host, limits.hostFlags)) {
      throw optionTypeError(
        "session",
        `was negotiated with another server than ${host.name}`,
      );
    }
    const { sessionAge } = opensslInternals.get(openssl);
    // A lifetime of 0: the session is to be discarded (RFC 8446, section 4.6.1).
    const isDiscarded = session.protocol === "TLSv1.3" &&
      libssl.SSL_SESSION_get_ticket_lifetime_hint(handle) === 0;
    const verdict = isDiscarded
      ? "expired"
      : sessionAge.verdict(handle, limits.maxAge);
    if (verdict === "valid") {
      libssl.SSL_SESSION_set1_id_context(handle, AS_CLIENT);
      libssl.SSL_set_session(ssl, handle);
    }
    return verdict;
  } finally {
    libssl.SSL_SESSION_free(handle);
  }
}
