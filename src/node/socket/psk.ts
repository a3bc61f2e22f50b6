import { Buffer } from "node:buffer";
import type { NodeConnection } from "../connection/node_connection.ts";
import { invalidArgType, invalidArgValue } from "../errors/argument_errors.ts";
import { tlsError } from "../errors/tls_errors.ts";
import { validateObject, validateString } from "../errors/validate.ts";
import type { TLSSocketMembers } from "./members.ts";

const MAX_KEY_BYTES = 512;
const MAX_IDENTITY_BYTES = 256;
/** What stands for bytes that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * Has a socket's `pskCallback` asked for keys. OpenSSL can't wait for it: what the callback
 * writes to sockets is sent when the handshake has gone on.
 */
export function setPskCallback(
  socket: TLSSocketMembers,
  connection: NodeConnection,
): void {
  const { isServer, pskCallback, pskIdentityHint } = socket._tlsOptions;
  if (!pskCallback) return;
  const { libssl, ssl } = connection;
  const attempt = <T>(call: () => T | null): T | null => {
    try {
      return call();
    } catch (error) {
      connection.later(() => socket.destroy(error as Error));
      return null;
    }
  };
  if (!isServer) {
    libssl.SSL_set_psk_client_callback(
      ssl,
      (_, hint) => attempt(() => clientKey(pskCallback(hint))),
    );
    return;
  }
  libssl.SSL_set_psk_server_callback(
    ssl,
    (_, identity) =>
      // In TLS 1.3 OpenSSL asks for tickets, too, which are no names.
      identity.includes(REPLACEMENT)
        ? null
        : attempt(() => serverKey(pskCallback(socket, identity))),
  );
  if (!pskIdentityHint) return;
  validateString(pskIdentityHint, "options.pskIdentityHint");
  if (libssl.SSL_use_psk_identity_hint(ssl, pskIdentityHint) !== 1) {
    libssl.ERR_clear_error();
    connection.later(() =>
      socket.destroy(tlsError("ERR_TLS_PSK_SET_IDENTITY_HINT_FAILED"))
    );
  }
}

function clientKey(
  answer: unknown,
): { identity: string; psk: Uint8Array } | null {
  if (answer === null || answer === undefined) return null;
  validateObject(answer, "ret");
  const { psk, identity } = answer as { psk?: unknown; identity?: unknown };
  const key = keyOf(psk);
  validateString(identity, "identity");
  if (Buffer.byteLength(identity) > MAX_IDENTITY_BYTES) {
    throw invalidArgValue(
      "identity",
      identity,
      `PSK identity exceeds ${MAX_IDENTITY_BYTES} bytes`,
    );
  }
  return { identity, psk: key };
}

function serverKey(answer: unknown): Uint8Array | null {
  if (answer === null || answer === undefined) return null;
  if (ArrayBuffer.isView(answer)) return keyOf(answer);
  if (typeof answer !== "object") {
    throw invalidArgType(
      "ret",
      ["Object", "Buffer", "TypedArray", "DataView"],
      hidden(answer),
    );
  }
  return keyOf((answer as { psk?: unknown }).psk);
}

/** Errors go to logs, where keys must not be. */
function hidden(key: unknown): unknown {
  return typeof key === "string" ? "..." : key;
}

function keyOf(psk: unknown): Uint8Array {
  if (!ArrayBuffer.isView(psk)) {
    throw invalidArgType(
      "psk",
      ["Buffer", "TypedArray", "DataView"],
      hidden(psk),
    );
  }
  const key = new Uint8Array(psk.buffer, psk.byteOffset, psk.byteLength);
  if (key.length <= MAX_KEY_BYTES) return key;
  throw invalidArgValue(
    "psk",
    `${key.length} bytes`,
    `Pre-shared key exceeds ${MAX_KEY_BYTES} bytes`,
  );
}
