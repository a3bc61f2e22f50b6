import { isIP } from "node:net";
import process from "node:process";
import type { Duplex } from "node:stream";
import { defaults } from "../defaults.ts";
import { connectionReset, dhParamSize } from "../errors/tls_errors.ts";
import { validateFunction, validateInteger } from "../errors/validate.ts";
import { replaceable } from "../replaceable.ts";
import type { DetailedPeerCertificate } from "../peer/types.ts";
import { checkSessions } from "../store_settings.ts";
import type { ConnectionOptions } from "../types.ts";
import { tlsArguments } from "./arguments.ts";
import { keepSessions } from "./client_sessions.ts";
import { socketInternals } from "./internals.ts";
import { identityOf } from "./session_state.ts";
import { TLSSocket } from "./tls_socket.ts";

/** The options of `connect` with what counts where one is missing. */
export interface ConnectSettings extends ConnectionOptions {
  checkServerIdentity: NonNullable<ConnectionOptions["checkServerIdentity"]>;
  minDHSize: number;
}

/** Called when a client's handshake is done. */
export type SecureConnectListener = () => void;

let hasWarnedOfAddress = false;
let hasWarnedOfEnvironment = false;

/**
 * Connects to a server, as `tls.connect` of `node:tls` does.
 *
 * @example A client
 * ```ts ignore
 * import { connect } from "@sesame/tls/node";
 *
 * const socket = connect({ host: "example.com", port: 443 }, () => {
 *   console.log(socket.getProtocol(), socket.isSessionReused());
 *   socket.end();
 * });
 * ```
 *
 * @throws {TypeError} With Node.js's codes, for an option that isn't of its type or value.
 */
export function connect(
  options: ConnectionOptions,
  secureConnectListener?: SecureConnectListener,
): TLSSocket;
/** {@linkcode connect} to a port of a host. */
export function connect(
  port: number,
  host?: string,
  options?: ConnectionOptions,
  secureConnectListener?: SecureConnectListener,
): TLSSocket;
/** {@linkcode connect} to a port. */
export function connect(
  port: number,
  options?: ConnectionOptions,
  secureConnectListener?: SecureConnectListener,
): TLSSocket;
export function connect(...args: unknown[]): TLSSocket {
  const { options: given, callback } = tlsArguments(args);
  const options = settingsOf(given);
  const socket = socketOf(options);
  if (callback) socket.once("secureConnect", callback);
  const { client } = socketInternals.get(socket);
  if (client) client.options = options;
  if (options.sessions && !options.session) keepSessions(socket, options);
  if (!options.socket) {
    if (options.timeout) socket.setTimeout(options.timeout);
    socket.connect(options, socket._start);
  }
  socket._releaseControl();
  if (options.session) socket.setSession(options.session);
  if (options.servername) askFor(socket, options.servername);
  if (options.socket) socket._start();
  const onEnd = (): void => onConnectEnd(socket, options);
  socket.on("secure", () => onConnectSecure(socket, options, onEnd));
  socket.prependListener("end", onEnd);
  return socket;
}

/**
 * The options of `connect` with defaults.
 *
 * @throws {TypeError} If one that isn't an option of the context is wrong; with Node.js's codes.
 */
export function settingsOf(given: object): ConnectSettings {
  const options = {
    rejectUnauthorized: !allowsUnauthorized(),
    ciphers: defaults.DEFAULT_CIPHERS,
    checkServerIdentity: replaceable.checkServerIdentity,
    minDHSize: 1024,
    ...given,
  } as ConnectSettings;
  checkSessions(options.sessions);
  validateFunction(options.checkServerIdentity, "options.checkServerIdentity");
  validateInteger(options.minDHSize, "options.minDHSize", 1);
  options.rejectUnauthorized = options.rejectUnauthorized !== false;
  return options;
}

/** Node.js's variable of the environment by which nobody is verified. */
function allowsUnauthorized(): boolean {
  if (environment("NODE_TLS_REJECT_UNAUTHORIZED") !== "0") return false;
  if (!hasWarnedOfEnvironment) {
    hasWarnedOfEnvironment = true;
    process.emitWarning(
      "Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable to '0' makes TLS connections and HTTPS requests insecure by disabling certificate verification.",
    );
  }
  return true;
}

/** A variable of the environment, if it may be read. */
function environment(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}

function socketOf(options: ConnectSettings): TLSSocket {
  return new TLSSocket(options.socket as Duplex | undefined, {
    allowHalfOpen: options.allowHalfOpen,
    secureContext: options.secureContext ||
      replaceable.createSecureContext(options),
    isServer: false,
    requestCert: true,
    rejectUnauthorized: options.rejectUnauthorized,
    ALPNProtocols: options.ALPNProtocols,
    requestOCSP: options.requestOCSP,
    enableTrace: options.enableTrace,
    pskCallback: options.pskCallback,
    highWaterMark: options.highWaterMark,
    onread: options.socket ? undefined : options.onread,
    signal: options.signal,
  });
}

/** A server name must be a host's (RFC 6066, section 3). */
function askFor(socket: TLSSocket, servername: string): void {
  if (!hasWarnedOfAddress && isIP(servername)) {
    hasWarnedOfAddress = true;
    process.emitWarning(
      "Setting the TLS ServerName to an IP address is not permitted by RFC 6066. This will be ignored in a future version.",
      "DeprecationWarning",
      "DEP0123",
    );
  }
  socket.setServername(servername);
}

/** The handshake is done: is the server who it should be? */
function onConnectSecure(
  socket: TLSSocket,
  options: ConnectSettings,
  onEnd: () => void,
): void {
  const key = socket.getEphemeralKeyInfo();
  if (key?.type === "DH" && (key.size ?? 0) < options.minDHSize) {
    socket.emit("error", dhParamSize(key.size ?? 0));
    socket.destroy();
    return;
  }
  const events = socketInternals.get(socket);
  const error = events.verifyError() ?? identityError(socket, options);
  socket.authorized = !error;
  if (error) {
    socket.authorizationError = (error as { code?: string }).code ||
      error.message;
    if (options.rejectUnauthorized !== false) {
      socket.destroy(error);
      return;
    }
  }
  socket.secureConnecting = false;
  events.core.release();
  // A listener that throws changes nothing about that.
  try {
    socket.emit("secureConnect");
  } finally {
    events.client?.onVerified();
    socket.removeListener("end", onEnd);
  }
}

/**
 * A session that is resumed was made with the server that was meant, unless the program goes on
 * with any.
 */
function identityError(
  socket: TLSSocket,
  options: ConnectSettings,
): Error | undefined {
  if (socket.isSessionReused() && options.rejectUnauthorized) return undefined;
  return options.checkServerIdentity(
    identityOf(options),
    socket.getPeerCertificate(true) as DetailedPeerCertificate,
  );
}

/** The server has gone before the handshake was done. */
function onConnectEnd(socket: TLSSocket, options: ConnectSettings): void {
  if (socket._hadError) return;
  socket._hadError = true;
  const { path, host, port, localAddress } = options;
  socket.destroy(connectionReset(
    "Client network socket disconnected before secure TLS connection was established",
    { path, host, port, localAddress },
  ));
}
