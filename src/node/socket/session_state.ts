import { Buffer } from "node:buffer";

/** Before a session that says for which server it was made: as Node.js writes it. */
const PREFIX = Buffer.from("\0nodejs:tls:session:1\0", "latin1");
const LENGTH_BYTES = 2;

/** What says which server a client means. */
export interface ServerIdentity {
  /** The server name that it asks for. */
  readonly servername?: string | undefined;
  /** The host that it connects to. */
  readonly host?: string | undefined;
  /** The socket that it uses. */
  readonly socket?: unknown;
  /** Whether it is a server itself. */
  readonly isServer?: boolean | undefined;
  /** Whether servers that can't be verified are refused. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** The name by which a server is verified. */
export function identityOf(
  { servername, host, socket }: ServerIdentity = {},
): string {
  const socketHost = (socket as { _host?: string | null } | undefined)?._host;
  return servername || host || socketHost || "localhost";
}

/** A session with the name of the server that was verified. */
export function withIdentity(
  session: Uint8Array,
  options: ServerIdentity,
): Buffer {
  const der = Buffer.from(session);
  if (options.isServer) return der;
  const name = Buffer.from(identityOf(options), "utf8");
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(name.length, 0);
  return Buffer.concat([PREFIX, length, name, der]);
}

/**
 * The session, if it may be resumed. If the server's certificate is to be verified, one that was
 * made with another or an unknown server may not: a resumption doesn't verify again.
 */
export function reusable(
  session: unknown,
  options: ServerIdentity,
): Uint8Array | undefined {
  const bytes = typeof session === "string"
    ? Buffer.from(session, "latin1")
    : session;
  if (!(bytes instanceof Uint8Array)) return undefined;
  const state = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (options.isServer) return state;
  const named = split(state);
  if (named === undefined) {
    return options.rejectUnauthorized === false ? state : undefined;
  }
  return named.name === identityOf(options) ? named.session : undefined;
}

function split(
  state: Buffer,
): { name: string; session: Uint8Array } | undefined {
  const start = PREFIX.length + LENGTH_BYTES;
  if (
    state.length < start || !state.subarray(0, PREFIX.length).equals(PREFIX)
  ) {
    return undefined;
  }
  const end = start + state.readUInt16BE(PREFIX.length);
  if (state.length < end) return undefined;
  return {
    name: state.toString("utf8", start, end),
    session: state.subarray(end),
  };
}
