import {
  connectTls,
  type TlsSession,
  type TlsSocket,
  type TlsSocketInfo,
} from "../../../mod.ts";
import { dataError, handshakeError } from "./advice.ts";
import { runExchange } from "./exchange.ts";
import type { ConnectSettings } from "./settings.ts";
import { connectStartTls } from "./start_tls.ts";

/** How long to wait for a TLS 1.3 session where nothing else is read, in milliseconds. */
const SESSION_TIMEOUT = 1_000;

/** A connection that was made and has ended. */
export interface Connection {
  readonly info: TlsSocketInfo;
  /** The time of the TCP connection and the handshake, in milliseconds. */
  readonly time: number;
  /** The sessions that the server issued, the newest last. */
  readonly sessions: readonly TlsSession[];
}

/**
 * Connects, calls `onOpen`, exchanges data, collects the sessions, and closes.
 *
 * @throws {Error} The failure, with advice where there is any.
 */
export async function runConnection(
  settings: ConnectSettings,
  session: TlsSession | undefined,
  onOpen?: (info: TlsSocketInfo, time: number) => Promise<void>,
): Promise<Connection> {
  const start = performance.now();
  await using socket = await open(settings, session);
  const time = performance.now() - start;
  try {
    const info = await socket.opened;
    await onOpen?.(info, time);
    const collected = collect(socket);
    if (settings.exchange) {
      await runExchange(socket, settings.exchange);
      // The server has ended with close_notify: what it didn't read is no failure.
      await socket[Symbol.asyncDispose]();
    } else {
      if (info.protocol === "TLSv1.3") await collected.first;
      await socket.close();
    }
    return { info, time, sessions: await collected.all };
  } catch (error) {
    throw dataError(error);
  }
}

async function open(
  settings: ConnectSettings,
  session: TlsSession | undefined,
): Promise<TlsSocket> {
  const { target, servername, context, timeout, store, starttls } = settings;
  const earlyData = earlyDataFor(settings, session);
  const options = {
    ...target,
    servername,
    context,
    handshakeTimeout: timeout,
    ...(session && { session }),
    ...(earlyData && { earlyData }),
    ...(store && {
      sessions: store,
      // A remote store may take longer than a server could wait.
      lookupTimeout: timeout,
      writeTimeout: timeout,
    }),
  };
  try {
    return starttls === undefined
      ? await connectTls(options)
      : await connectStartTls(starttls, options);
  } catch (error) {
    throw handshakeError(error, target);
  }
}

function earlyDataFor(
  { earlyData, store }: ConnectSettings,
  session: TlsSession | undefined,
): Uint8Array | undefined {
  if (earlyData === undefined) return undefined;
  // connectTls checks the session that it finds in the store.
  if (session === undefined) return store && earlyData;
  return earlyData.length <= session.maxEarlyData ? earlyData : undefined;
}

/** Collects the sessions of a connection until it ends. */
function collect(
  socket: TlsSocket,
): { first: Promise<void>; all: Promise<TlsSession[]> } {
  const sessions: TlsSession[] = [];
  const { promise: received, resolve } = Promise.withResolvers<void>();
  const all = (async () => {
    for await (const session of socket.sessions) {
      sessions.push(session);
      resolve();
    }
    return sessions;
  })();
  // `closed` reports a failure of the connection.
  const collected = all.catch(() => sessions);
  const timer = setTimeout(resolve, SESSION_TIMEOUT);
  const first = Promise.race([received, socket.closed])
    .finally(() => clearTimeout(timer));
  first.catch(() => {});
  return { first, all: collected };
}
