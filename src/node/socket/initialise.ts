import { Socket, type SocketConstructorOpts } from "node:net";
import process from "node:process";
import { addAbortSignal, type Duplex } from "node:stream";
import { type AlpnProtocols, convertALPNProtocols } from "../alpn.ts";
import { NativeContext } from "../context/native_context.ts";
import { invalidArgType } from "../errors/argument_errors.ts";
import { invalidContext } from "../errors/tls_errors.ts";
import { validateBoolean, validateFunction } from "../errors/validate.ts";
import { commandLine } from "../command_line.ts";
import { replaceable } from "../replaceable.ts";
import type { TLSSocketOptions } from "../types.ts";
import { proposeSession } from "./information.ts";
import { socketInternals } from "./internals.ts";
import { setPskCallback } from "./psk.ts";
import { reusable } from "./session_state.ts";
import type { SocketServer, TLSSocketMembers } from "./members.ts";
import { SocketEvents } from "./socket_events.ts";
import { appendKeys } from "./key_log.ts";
import { trace } from "./trace.ts";

/** What a `TLSSocket`'s own `net.Socket` is made with. */
export function socketOptions(
  stream: Duplex | null | undefined,
  options: TLSSocketOptions = {},
): SocketConstructorOpts {
  const { highWaterMark } = options ?? {};
  return {
    allowHalfOpen: Boolean(
      stream ? stream.allowHalfOpen : options?.allowHalfOpen,
    ),
    ...(highWaterMark !== undefined && { highWaterMark }),
  } as SocketConstructorOpts;
}

/** Makes a `net.Socket` a TLS socket over a stream, or over one that it will connect. */
export function initialise(
  socket: TLSSocketMembers,
  stream: Duplex | null | undefined,
  given: TLSSocketOptions | undefined,
): void {
  if (stream) checkStream(stream);
  const options = { ...given };
  const { enableTrace, ALPNProtocols, signal } = options;
  if (enableTrace !== undefined && enableTrace !== null) {
    validateBoolean(enableTrace, "options.enableTrace");
  }
  if (ALPNProtocols) {
    convertALPNProtocols(ALPNProtocols, options as { ALPNProtocols?: never });
  }
  setFields(socket, options);
  const events = new SocketEvents(socket, contextOf(options));
  socketInternals.set(socket, events);
  setUp(socket, events);
  socket.on("error", socket._tlsError);
  if (signal) addAbortSignal(signal, socket);
  if (options.pauseOnConnect) socket.pause();
  if (stream) carry(socket, events, stream);
  else socket.connecting = true;
  // Its maker may listen first.
  process.nextTick(() => events.core.read());
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`. */
function checkStream(stream: Partial<Duplex>): void {
  if (
    typeof stream.write !== "function" || typeof stream.on !== "function" ||
    typeof stream.pause !== "function"
  ) throw invalidArgType("socket", "Duplex", stream);
}

/** Sets what everybody sees. */
function setFields(socket: TLSSocketMembers, options: TLSSocketOptions): void {
  const { isServer = false, requestCert, rejectUnauthorized } = options;
  Object.assign(socket, {
    _tlsOptions: options,
    _secureEstablished: false,
    _controlReleased: false,
    _hadError: false,
    _requestCert: Boolean(requestCert) || !isServer,
    _rejectUnauthorized: Boolean(rejectUnauthorized),
    secureConnecting: true,
    servername: null,
    alpnProtocol: null,
    authorized: false,
    authorizationError: null,
    encrypted: true,
    server: options.server as SocketServer | undefined,
  });
}

function contextOf(options: TLSSocketOptions): NativeContext {
  const secure = options.secureContext || options.credentials ||
    replaceable.createSecureContext(options);
  const { context } = secure;
  if (!(context instanceof NativeContext)) throw invalidContext("context");
  return context;
}

/** Sets the connection up as the options say. */
function setUp(
  socket: TLSSocketMembers,
  { connection, client }: SocketEvents,
): void {
  const options = socket._tlsOptions;
  const { isServer, server, session, ALPNProtocols, enableTrace } = options;
  const { ALPNCallback, SNICallback } = options;
  if (ALPNProtocols) connection.setProtocols(wire(ALPNProtocols));
  if (isServer) {
    if (ALPNCallback) validateFunction(ALPNCallback, "options.ALPNCallback");
    if (SNICallback) validateFunction(SNICallback, "options.SNICallback");
    const answers = (server as SocketServer | undefined)
      ?.listenerCount("OCSPRequest");
    if (SNICallback || answers) connection.askForCertificate();
  }
  if (options.pskCallback) {
    validateFunction(options.pskCallback, "pskCallback");
    setPskCallback(socket, connection);
  }
  const der = client && session && reusable(session, options);
  if (der) proposeSession(connection, der);
  if (client && options.requestOCSP) connection.requestStatus();
  if (enableTrace || commandLine.traces) trace(connection);
  const listen = (event: string | symbol): void => {
    if (event !== "keylog") return;
    socket.removeListener("newListener", listen);
    if (!connection.isOver) connection.logKeys();
  };
  socket.on("newListener", listen);
  if (commandLine.keyLog !== undefined) appendKeys(socket, commandLine.keyLog);
}

function wire(protocols: AlpnProtocols): Uint8Array {
  return protocols as Uint8Array;
}

/** Starts the connection over a stream. */
function carry(
  socket: TLSSocketMembers,
  { core }: SocketEvents,
  stream: Duplex,
): void {
  core.carry(stream);
  if (!(stream instanceof Socket)) return;
  socket.connecting = stream.connecting || stream.pending;
  if (!socket.connecting) return;
  stream.once("connect", () => {
    socket.connecting = false;
    socket.emit("connect");
  });
}
