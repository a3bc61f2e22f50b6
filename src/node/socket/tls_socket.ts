import { Buffer } from "node:buffer";
import type { X509Certificate } from "node:crypto";
import { Socket } from "node:net";
import process from "node:process";
import type { Duplex } from "node:stream";
import { callable, callOn } from "../callable.ts";
import {
  type CipherInfo,
  cipherInfo,
  type EphemeralKeyInfo,
  ephemeralKeyInfo,
  sharedSigalgs,
} from "../ciphers.ts";
import type { SecureContextOptions } from "../context/options.ts";
import { SecureContext } from "../context/secure_context.ts";
import { contextError } from "../errors/openssl_errors.ts";
import { tlsError } from "../errors/tls_errors.ts";
import {
  validateBuffer,
  validateFunction,
  validateInt32,
  validateObject,
  validateString,
  validateUint32,
} from "../errors/validate.ts";
import {
  type CertificateSource,
  ownCertificate,
  ownX509,
  peerCertificate,
  peerX509,
} from "../peer/connection_certificates.ts";
import type {
  DetailedPeerCertificate,
  PeerCertificate,
} from "../peer/types.ts";
import { replaceable } from "../replaceable.ts";
import type { TLSSocketOptions } from "../types.ts";
import {
  exportOf,
  finishedOf,
  proposeSession,
  sessionOf,
  ticketOf,
} from "./information.ts";
import { initialise, socketOptions } from "./initialise.ts";
import { socketInternals } from "./internals.ts";
import { reusable, type ServerIdentity } from "./session_state.ts";
import type { NodeConnection } from "../connection/node_connection.ts";
import { StreamSocket } from "./stream_socket.ts";
import { traceMessages } from "./trace.ts";

/** No certificate. */
export type NoCertificate = Record<PropertyKey, never>;

/** The class behind {@linkcode TLSSocket}. */
export class TLSSocketClass extends StreamSocket {
  /** The session, to resume it; `undefined` without one, `null` if the socket is destroyed. */
  getSession(): Buffer | null | undefined {
    const connection = connectionOf(this);
    if (!connection) return null;
    const { client } = socketInternals.get(this);
    const session = client?.current ?? sessionOf(connection);
    return session && (client ? client.named(session) : Buffer.from(session));
  }

  /** Proposes a session, before the handshake (clients). */
  setSession(session: Uint8Array | string): void {
    const connection = connectionOf(this);
    const der = reusable(session, identityOf(this));
    if (connection && der) proposeSession(connection, der);
  }

  /** The ticket of a client's session. */
  getTLSTicket(): Buffer | null | undefined {
    const connection = connectionOf(this);
    if (!connection) return null;
    return ticketOf(connection, socketInternals.get(this).client?.current);
  }

  /** Whether a session was resumed. */
  isSessionReused(): boolean | null {
    const connection = connectionOf(this);
    if (!connection) return null;
    return connection.libssl.SSL_session_reused(connection.ssl) === 1;
  }

  /**
   * The peer's certificate, with those of its issuers. As in Node.js, and in its types: an object
   * without properties if the peer has none, `null` if the socket is destroyed.
   */
  getPeerCertificate(detailed: true): DetailedPeerCertificate;
  /** The peer's certificate; an object without properties or `null`, as above. */
  getPeerCertificate(detailed?: false): PeerCertificate;
  /** The peer's certificate, with those of its issuers if `detailed`. */
  getPeerCertificate(
    detailed?: boolean,
  ): PeerCertificate | DetailedPeerCertificate;
  getPeerCertificate(detailed = false): PeerCertificate {
    const connection = connectionOf(this);
    const certificate = connection &&
      (peerCertificate(sourceOf(connection), detailed) ?? {});
    return (certificate ?? null) as PeerCertificate;
  }

  /** The certificate of this end. */
  getCertificate(): PeerCertificate | NoCertificate | null {
    const connection = connectionOf(this);
    if (!connection) return null;
    return ownCertificate(connection) ?? {};
  }

  /** The peer's certificate as `node:crypto` has it. */
  getPeerX509Certificate(): X509Certificate | undefined {
    const connection = connectionOf(this);
    return connection && peerX509(sourceOf(connection));
  }

  /** The certificate of this end as `node:crypto` has it. */
  getX509Certificate(): X509Certificate | undefined {
    const connection = connectionOf(this);
    return connection && ownX509(connection);
  }

  /** The cipher suite. */
  getCipher(): CipherInfo | null | undefined {
    const connection = connectionOf(this);
    if (!connection) return null;
    const { libssl, ssl } = connection;
    const cipher = libssl.SSL_get_current_cipher(ssl);
    return cipher === null ? undefined : cipherInfo(libssl, cipher);
  }

  /** The version, such as `"TLSv1.3"`. */
  getProtocol(): string | null {
    const connection = connectionOf(this);
    return connection
      ? connection.libssl.SSL_get_version(connection.ssl)
      : null;
  }

  /** The key that a server took part in the key exchange by (clients). */
  getEphemeralKeyInfo(): EphemeralKeyInfo | null {
    const connection = connectionOf(this);
    if (!connection || this._tlsOptions.isServer) return null;
    return ephemeralKeyInfo(connection.libssl, connection.ssl);
  }

  /** The signature algorithms that both ends support. */
  getSharedSigalgs(): string[] | null {
    const connection = connectionOf(this);
    return connection ? sharedSigalgs(connection.libssl, connection.ssl) : null;
  }

  /** The Finished message that was sent. */
  getFinished(): Buffer | null | undefined {
    const connection = connectionOf(this);
    return connection ? finishedOf(connection, false) : null;
  }

  /** The Finished message that was received. */
  getPeerFinished(): Buffer | null | undefined {
    const connection = connectionOf(this);
    return connection ? finishedOf(connection, true) : null;
  }

  /**
   * Key material that both ends derive alike (RFC 5705).
   *
   * @throws {Error} `ERR_TLS_INVALID_STATE`, before the handshake is done.
   */
  exportKeyingMaterial(
    length: number,
    label: string,
    context?: ArrayBufferView,
  ): Buffer {
    validateUint32(length, "length", 1);
    validateString(label, "label");
    if (context !== undefined) validateBuffer(context, "context");
    const connection = connectionOf(this);
    if (!connection || !this._secureEstablished) {
      throw tlsError("ERR_TLS_INVALID_STATE");
    }
    return exportOf(connection, length, label, context);
  }

  /** Sets the largest number of bytes in a record: whether it is one, 512 to 16384. */
  setMaxSendFragment(size: number): boolean {
    validateInt32(size, "size");
    const connection = connectionOf(this);
    if (!connection) return false;
    const { libssl, ssl } = connection;
    return libssl.SSL_set_max_send_fragment(ssl, size) === 1;
  }

  /**
   * Asks for a server name (clients), before the handshake.
   *
   * @throws {Error} `ERR_TLS_SNI_FROM_SERVER`, for a server.
   */
  setServername(name: string): void {
    validateString(name, "name");
    if (this._tlsOptions.isServer) throw tlsError("ERR_TLS_SNI_FROM_SERVER");
    const connection = connectionOf(this);
    connection?.libssl.SSL_set_tlsext_host_name(connection.ssl, name);
  }

  /** Sends the certificate of another context, before the handshake has chosen one. */
  setKeyCert(context: SecureContext | SecureContextOptions): void {
    const secure = context instanceof SecureContext
      ? context
      : replaceable.createSecureContext(context as SecureContextOptions);
    if (this._requestCert) secure.context.prepareToVerify();
    connectionOf(this)?.setKeyCert(secure.context);
  }

  /** Renegotiates (TLS 1.2): `false` if that can't be. */
  renegotiate(
    options: { requestCert?: boolean; rejectUnauthorized?: boolean },
    callback?: (error: Error | null) => void,
  ): boolean | undefined {
    validateObject(options, "options");
    if (callback !== undefined) validateFunction(callback, "callback");
    const connection = connectionOf(this);
    if (this.destroyed || !connection) return undefined;
    const { requestCert, rejectUnauthorized } = options;
    if (requestCert !== undefined) this._requestCert = Boolean(requestCert);
    if (rejectUnauthorized !== undefined) {
      this._rejectUnauthorized = Boolean(rejectUnauthorized);
    }
    const events = socketInternals.get(this);
    events.setVerifyMode();
    const { libssl, ssl } = connection;
    libssl.ERR_clear_error();
    if (libssl.SSL_renegotiate(ssl) !== 1) {
      const error = contextError(libssl);
      if (callback) process.nextTick(callback, error);
      return false;
    }
    if (callback) this.once("secure", () => callback(null));
    events.core.pump(() => connection.handshake());
    return true;
  }

  /** Refuses renegotiations from here (servers). */
  disableRenegotiation(): void {
    const { server } = socketInternals.get(this);
    if (server) server.refusesRenegotiation = true;
  }

  /** Nothing: the connection is given back when the socket is destroyed. */
  _destroySSL(): void {}

  /** Writes messages to stderr from here. */
  enableTrace(): void {
    const connection = connectionOf(this);
    if (connection) traceMessages(connection);
  }
}

/** A TLS socket, as `node:tls` has it: a `net.Socket` over another one, or over any `Duplex`. */
export type TLSSocket = TLSSocketClass;

/** {@linkcode TLSSocket} */
export const TLSSocket: typeof TLSSocketClass = callable<
  [(Duplex | null)?, TLSSocketOptions?],
  typeof TLSSocketClass
>(TLSSocketClass, {
  name: "TLSSocket",
  adopt(instance, [stream, options]): void {
    callOn(Socket, instance, socketOptions(stream, options));
    initialise(instance as TLSSocket, stream, options);
  },
});

function connectionOf(socket: TLSSocket): NodeConnection | undefined {
  const { core } = socketInternals.get(socket);
  return core.isOver ? undefined : core.connection;
}

function sourceOf(connection: NodeConnection): CertificateSource {
  const { openssl, ssl, context: { authorities } } = connection;
  return { openssl, ssl, authorities };
}

function identityOf(socket: TLSSocket): ServerIdentity {
  return socketInternals.get(socket).client?.options ?? socket._tlsOptions;
}
