/**
 * What `node:tls` promises, on every runtime that has `node:net` and `node:stream`: the same
 * names, options, events and errors, over OpenSSL in WebAssembly. Sessions can be kept elsewhere
 * (`newSession` and `resumeSession`, or the option `sessions`) in TLS 1.3, too.
 *
 * @example A server and a client
 * ```ts no-eval
 * import { connect, createServer } from "@sesame/tls/node";
 * import { createTestCertificate } from "@sesame/tls/testing";
 *
 * const { cert, key } = createTestCertificate();
 * const server = createServer({ cert, key }, (socket) => socket.end("hello"));
 * server.listen(8443, () => {
 *   const socket = connect({ port: 8443, ca: cert, host: "localhost" });
 *   socket.on("data", (data) => console.log(data.toString()));
 * });
 * ```
 *
 * @module
 */
import { convertALPNProtocols } from "./alpn.ts";
import {
  getCACertificates,
  setDefaultCACertificates,
} from "./ca_certificates.ts";
import { getCertificateCompressionAlgorithms, getCiphers } from "./ciphers.ts";
import {
  createSecureContext,
  SecureContext,
} from "./context/secure_context.ts";
import { defaults, type TlsDefaults } from "./defaults.ts";
import { checkServerIdentity } from "./peer/check_server_identity.ts";
import { lazyRootCertificates } from "./root_certificates.ts";
import { createServer, Server } from "./server/server.ts";
import { replaceable } from "./replaceable.ts";
import { connect } from "./socket/connect.ts";
import { TLSSocket } from "./socket/tls_socket.ts";

export type { AlpnProtocols, ProtocolsTarget } from "./alpn.ts";
export type {
  KeyObject,
  OneOrMore,
  PemInput,
  PfxObject,
  SecureContextOptions,
} from "./context/options.ts";
export type { SecureContextConstructor } from "./context/secure_context.ts";
export type { TlsDefaults } from "./defaults.ts";
export type { CodedError } from "./errors/coded_error.ts";
export type { OpenSSLError } from "./errors/openssl_errors.ts";
export type { AltNameError } from "./errors/tls_errors.ts";
export type { VerifyError } from "./errors/verify_errors.ts";
export type {
  CertificateName,
  DetailedPeerCertificate,
  PeerCertificate,
} from "./peer/types.ts";
export type { CaType } from "./runtime_tls.ts";
export type { TlsOptions, TlsServerOptions } from "./server/options.ts";
export type {
  SecureConnectionListener,
  ServerArguments,
  ServerFunction,
  TlsServer,
} from "./server/server.ts";
export type { SecureConnectListener } from "./socket/connect.ts";
export type { OnReadOptions } from "./socket/on_read.ts";
export type { TLSSocketMembers } from "./socket/members.ts";
export type { StreamSocket } from "./socket/stream_socket.ts";
export type { NoCertificate, TLSSocketClass } from "./socket/tls_socket.ts";
export type { CipherInfo, EphemeralKeyInfo } from "./ciphers.ts";
export type {
  AlpnCallback,
  CommonSocketOptions,
  ConnectionOptions,
  PskClientAnswer,
  PskClientCallback,
  PskServerCallback,
  SniAnswer,
  SniCallback,
  TLSSocketOptions,
} from "./types.ts";
export {
  checkServerIdentity,
  connect,
  convertALPNProtocols,
  createSecureContext,
  createServer,
  getCACertificates,
  getCertificateCompressionAlgorithms,
  getCiphers,
  SecureContext,
  Server,
  setDefaultCACertificates,
  TLSSocket,
};

/** The certificates of authorities that come with the runtime, in PEM. */
export const rootCertificates: readonly string[] = lazyRootCertificates();

/**
 * The defaults as they are when this module is loaded; to change one, assign to the property of
 * the default export.
 */
export const CLIENT_RENEG_LIMIT: number = defaults.CLIENT_RENEG_LIMIT;
/** In seconds. */
export const CLIENT_RENEG_WINDOW: number = defaults.CLIENT_RENEG_WINDOW;
/** The cipher suites, in OpenSSL's list form with those of TLS 1.3. */
export const DEFAULT_CIPHERS: string = defaults.DEFAULT_CIPHERS;
/** The groups of key exchanges, or `"auto"`. */
export const DEFAULT_ECDH_CURVE: string = defaults.DEFAULT_ECDH_CURVE;
/** The highest version of TLS. */
export const DEFAULT_MAX_VERSION: string = defaults.DEFAULT_MAX_VERSION;
/** The lowest version of TLS. */
export const DEFAULT_MIN_VERSION: string = defaults.DEFAULT_MIN_VERSION;

/**
 * What `node:tls` is as one object: `DEFAULT_*`, `CLIENT_RENEG_*`, `createSecureContext` and
 * `checkServerIdentity` can be assigned to, and are used by the rest.
 */
export interface TlsModule extends TlsDefaults {
  /** {@linkcode checkServerIdentity} */
  checkServerIdentity: typeof checkServerIdentity;
  /** {@linkcode connect} */
  connect: typeof connect;
  /** {@linkcode convertALPNProtocols} */
  convertALPNProtocols: typeof convertALPNProtocols;
  /** {@linkcode createSecureContext} */
  createSecureContext: typeof createSecureContext;
  /** {@linkcode createServer} */
  createServer: typeof createServer;
  /** {@linkcode getCACertificates} */
  getCACertificates: typeof getCACertificates;
  /** {@linkcode getCertificateCompressionAlgorithms} */
  getCertificateCompressionAlgorithms:
    typeof getCertificateCompressionAlgorithms;
  /** {@linkcode getCiphers} */
  getCiphers: typeof getCiphers;
  /** The certificates of authorities that come with the runtime, in PEM. */
  readonly rootCertificates: readonly string[];
  /** {@linkcode SecureContext} */
  SecureContext: typeof SecureContext;
  /** {@linkcode Server} */
  Server: typeof Server;
  /** {@linkcode setDefaultCACertificates} */
  setDefaultCACertificates: typeof setDefaultCACertificates;
  /** {@linkcode TLSSocket} */
  TLSSocket: typeof TLSSocket;
}

/** All of this module as one object. */
const tls: TlsModule = Object.defineProperties({
  connect,
  convertALPNProtocols,
  createServer,
  getCACertificates,
  getCertificateCompressionAlgorithms,
  getCiphers,
  SecureContext,
  Server,
  setDefaultCACertificates,
  TLSSocket,
}, {
  rootCertificates: {
    get: (): readonly string[] => getCACertificates("bundled"),
    enumerable: true,
  },
  ...assignable(replaceable),
  ...assignable(defaults),
}) as TlsModule;

/** Properties that lead to those of another object. */
function assignable(target: object): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.keys(target).map((name) => [name, {
      get: () => Reflect.get(target, name),
      set: (value: unknown) => void Reflect.set(target, name, value),
      enumerable: true,
      configurable: true,
    }]),
  );
}

export default tls;
