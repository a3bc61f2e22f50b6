import { SSL_VERIFY_PEER } from "../libssl/constants.ts";
import type { BIO, SSL, X509 } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { allocated } from "./openssl_error.ts";
import { TlsSession } from "./session.ts";

/** What one connection is to be. */
export interface TlsEngineOptions {
  /** Which side of the handshake this is. */
  role: "client" | "server";
  /** The host name or IP address of the server, for clients: asked for and verified. */
  hostname?: string;
  /**
   * A session to resume, for clients. The server then shows no certificate: it was
   * verified when the session was made, by what was trusted then.
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
export const ENGINE_OPTION_NAMES: Readonly<
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
 * What clients' sessions are bound to: any client may propose them, wherever they were
 * made, and no server resumes them, even out of the same internal cache.
 */
const AS_CLIENT = new TextEncoder().encode("sesame client");

/**
 * How much each direction of a BIO pair holds. Records that are larger pass in parts, which
 * costs little time; OpenSSL's 17 KiB would be most of an idle connection's memory.
 */
const BIO_BYTES = 4096;

/** Puts `ssl` on one end of a BIO pair: the other end, owned. */
export function connectBios(
  libssl: Libssl,
  ssl: SSL,
  { earlyData }: TlsEngineOptions,
): BIO {
  // Early data needs room beside the hello: 0 stands for 17 KiB.
  const bytes = earlyData ? 0 : BIO_BYTES;
  const [inner, network] = allocated(
    libssl.BIO_new_bio_pair(bytes, bytes),
    "a BIO pair",
  );
  libssl.SSL_set_bio(ssl, inner, inner);
  return network;
}

/** Makes `ssl` a client that verifies whom it asked for. */
export function beClient(
  libssl: Libssl,
  ssl: SSL,
  { hostname, session }: TlsEngineOptions,
): void {
  // To OpenSSL a name that starts with a dot stands for all below it.
  if (typeof hostname !== "string" || /^\.|^$/.test(hostname)) {
    throw new TypeError(
      `options.hostname must be the server's name or IP address, received ${
        JSON.stringify(hostname)
      }`,
    );
  }
  libssl.SSL_set_connect_state(ssl);
  libssl.SSL_set_session_id_context(ssl, AS_CLIENT);
  libssl.SSL_set_verify(ssl, SSL_VERIFY_PEER, null);
  const isSet = libssl.SSL_set1_host(ssl, hostname) === 1 &&
    (isAddress(hostname) ||
      libssl.SSL_set_tlsext_host_name(ssl, hostname) === 1);
  if (!isSet) {
    throw new TypeError(
      `options.hostname must be a name or an IP address, received ${
        JSON.stringify(hostname)
      }`,
    );
  }
  if (session !== undefined) propose(libssl, ssl, session, hostname);
}

/** An IP address is no server name (RFC 6066, section 3). */
function isAddress(hostname: string): boolean {
  return /^[\d.]+$|:/.test(hostname);
}

function propose(
  libssl: Libssl,
  ssl: SSL,
  session: TlsSession,
  hostname: string,
): void {
  if (!(session instanceof TlsSession)) {
    throw new TypeError(
      `options.session must be a TlsSession, received ${typeof session}`,
    );
  }
  const der = session.toBytes();
  const handle = allocated(libssl.d2i_SSL_SESSION(der), "a session");
  der.fill(0);
  try {
    // Resuming skips the certificate, so that of the session counts (RFC 8446, 4.6.1).
    if (!isFor(libssl, libssl.SSL_SESSION_get0_peer(handle), hostname)) {
      throw new TypeError(
        `options.session was negotiated with another server than ${hostname}`,
      );
    }
    libssl.SSL_SESSION_set1_id_context(handle, AS_CLIENT);
    libssl.SSL_set_session(ssl, handle);
  } finally {
    libssl.SSL_SESSION_free(handle);
  }
}

function isFor(libssl: Libssl, cert: X509 | null, hostname: string): boolean {
  if (cert === null) return false;
  return isAddress(hostname)
    ? libssl.X509_check_ip_asc(cert, hostname) === 1
    : libssl.X509_check_host(cert, hostname) === 1;
}
