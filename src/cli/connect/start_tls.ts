import {
  type ConnectTlsOptions,
  startTls,
  TlsError,
  type TlsSocket,
  type TlsTransport,
} from "../../../mod.ts";
import { askForTls, type StartTlsProtocol } from "../../audit/mod.ts";
import { messageOf } from "../format.ts";
import {
  canonicalHost,
  formatHostAndPort,
  type HostAndPort,
} from "../host_and_port.ts";

/** What `connect` tells `connectTls`. */
export type ConnectionOptions =
  & HostAndPort
  & Required<
    Pick<ConnectTlsOptions, "servername" | "context" | "handshakeTimeout">
  >
  & Pick<
    ConnectTlsOptions,
    "session" | "earlyData" | "sessions" | "lookupTimeout" | "writeTimeout"
  >;

/** Connects as `connectTls` does, and asks for TLS in another protocol first. */
export async function connectStartTls(
  protocol: StartTlsProtocol,
  { hostname, port, servername, sessions, ...options }: ConnectionOptions,
): Promise<TlsSocket> {
  const { handshakeTimeout, lookupTimeout, writeTimeout, ...others } = options;
  const transport = await connectTcp({ hostname, port }, handshakeTimeout);
  await askForTls(transport, protocol, handshakeTimeout);
  const client = {
    ...others,
    role: "client",
    hostname: servername,
    handshakeTimeout,
  } as const;
  const socket = sessions === undefined
    ? startTls(transport, client)
    : await startTls(transport, {
      ...client,
      sessions,
      port,
      ...(lookupTimeout !== undefined && { lookupTimeout }),
      ...(writeTimeout !== undefined && { writeTimeout }),
    });
  try {
    await socket.opened;
    return socket;
  } catch (error) {
    await socket[Symbol.asyncDispose]();
    throw error;
  }
}

async function connectTcp(
  { hostname, port }: HostAndPort,
  timeout: number,
): Promise<TlsTransport> {
  const target = { hostname: canonicalHost(hostname) ?? hostname, port };
  const signal = AbortSignal.timeout(timeout);
  try {
    const conn = await Deno.connect({ ...target, signal });
    return {
      readable: conn.readable,
      writable: conn.writable,
      remoteAddress: formatHostAndPort(conn.remoteAddr),
    };
  } catch (error) {
    const what = `Cannot connect to ${formatHostAndPort(target)}`;
    const cause = { cause: error };
    if (signal.aborted) {
      const reason = `it took longer than ${timeout} ms`;
      throw new TlsError("timeout", `${what}: ${reason}`, cause);
    }
    if (hasAdvice(error)) throw error;
    throw new Error(`${what}: ${messageOf(error)}`, cause);
  }
}

/** Whether what the program says of an error is more than its message. */
function hasAdvice(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.NotCapable;
}
