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
import { createServer, Server } from "./server/server.ts";
import { replaceable } from "./replaceable.ts";
import { connect } from "./socket/connect.ts";
import { TLSSocket } from "./socket/tls_socket.ts";

export type { TlsDefaults } from "./defaults.ts";
export type {
  KeyObject,
  PfxObject,
  SecureContextOptions,
} from "./context/options.ts";
export type { TlsServerOptions } from "./server/options.ts";
export type { ConnectionOptions, TLSSocketOptions } from "./types.ts";
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
export const rootCertificates: readonly string[] = getCACertificates("bundled");

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
  checkServerIdentity: typeof checkServerIdentity;
  connect: typeof connect;
  convertALPNProtocols: typeof convertALPNProtocols;
  createSecureContext: typeof createSecureContext;
  createServer: typeof createServer;
  getCACertificates: typeof getCACertificates;
  getCertificateCompressionAlgorithms:
    typeof getCertificateCompressionAlgorithms;
  getCiphers: typeof getCiphers;
  /** The certificates of authorities that come with the runtime, in PEM. */
  readonly rootCertificates: readonly string[];
  SecureContext: typeof SecureContext;
  Server: typeof Server;
  setDefaultCACertificates: typeof setDefaultCACertificates;
  TLSSocket: typeof TLSSocket;
}

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
  rootCertificates: { value: rootCertificates, enumerable: true },
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
