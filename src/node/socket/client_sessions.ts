import { errorMonitor, type EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { toHex } from "../../internal/bytes.ts";
import { TlsError } from "../../internal/tls_error.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { ClientSessions } from "../../tls/sessions/client_sessions.ts";
import { TlsSession } from "../../tls/sessions/session.ts";
import type { ContextPolicy } from "../context/native_context.ts";
import {
  bindingDigest,
  digest,
  ownNonce,
  trustOf,
} from "../context/session_binding.ts";
import { checkServerIdentity } from "../peer/check_server_identity.ts";
import { storeSettings } from "../store_settings.ts";
import type { ConnectionOptions } from "../types.ts";
import { proposeSession } from "./information.ts";
import { socketInternals } from "./internals.ts";
import { identityOf, reusable } from "./session_state.ts";
import type { TLSSocket } from "./tls_socket.ts";

/** Has a client propose a session of its store's, and keep the newest that it is given. */
export function keepSessions(
  socket: TLSSocket,
  options: ConnectionOptions,
): void {
  const { core, connection } = socketInternals.get(socket);
  const { openssl, policy } = connection.context;
  const { sessions: store } = options;
  if (store === undefined) return;
  let sessions: ClientSessions | undefined;
  core.beforeStart = async (): Promise<void> => {
    // The port is known now.
    sessions = new ClientSessions(
      openssl,
      bindingOf(openssl, policy, options),
      serverOf(options),
      // As Node's agents do; many servers, Node's among them, give no other after resuming.
      { ...storeSettings(store), singleUse: false },
    );
    const found = await sessions.find();
    if (found === undefined || core.isOver) return;
    const der = found.toBytes();
    proposeSession(connection, der);
    der.fill(0);
  };
  socket.on("session", (state: Uint8Array) => {
    const der = reusable(state, options);
    if (der) sessions?.keep(TlsSession.fromBytes(der, openssl));
  });
  const emitter: EventEmitter = socket;
  emitter.on(errorMonitor, (error: Error & { code?: string }) => {
    // After what was said here last, it is no matter what comes.
    if (socket.writableEnded || !error.code?.startsWith("ERR_SSL_")) return;
    sessions?.onFailure(
      new TlsError("protocol", error.message, { cause: error }),
    );
  });
}

/** What the sessions of a server are kept under. */
function serverOf(options: ConnectionOptions): string {
  const { path, port, socket } = options;
  const name = identityOf(options);
  if (path) return `${name}:${path}`;
  return `${name}:${port ?? (socket as Socket | undefined)?.remotePort ?? ""}`;
}

/** How a server was verified, and what it was shown: resuming a session repeats neither. */
function bindingOf(
  openssl: OpenSSL,
  policy: ContextPolicy,
  { rejectUnauthorized, checkServerIdentity: check }: ConnectionOptions,
): Uint8Array {
  return bindingDigest(openssl, {
    ...trustOf(openssl, policy),
    own: policy.own && toHex(digest(openssl, policy.own)),
    isVerified: rejectUnauthorized !== false,
    check: check && check !== checkServerIdentity ? nameOfFunction(check) : "",
  });
}

/** Names a function, which is no one's but this process's. */
export function nameOfFunction(check: object): string {
  const known = checks.get(check);
  if (known !== undefined) return known;
  const name = `${ownNonce()} ${checkCount++}`;
  checks.set(check, name);
  return name;
}

const checks = new WeakMap<object, string>();
let checkCount = 0;
