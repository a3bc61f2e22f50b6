import { TlsError } from "../../internal/tls_error.ts";
import { connectTls } from "../../tls/deno/connect.ts";
import type { TlsSession } from "../../tls/sessions/session.ts";
import type { TlsSocket } from "../../tls/socket/socket.ts";
import type { TlsSocketInfo } from "../../tls/socket/socket_core.ts";
import { runExchange } from "./exchange.ts";
import { explainedTcp, explainedTls } from "./failure.ts";
import type { Plan } from "./plan.ts";

/** How long TLS 1.3 sessions are waited for if nothing else is, in milliseconds. */
const SESSION_TIMEOUT = 1_000;

/** A connection that took place. */
export interface Visit {
  readonly info: TlsSocketInfo;
  /** How long it took to connect, TCP and all, in milliseconds. */
  readonly time: number;
  /** The sessions that came, the newest last. */
  readonly sessions: readonly TlsSession[];
}

/**
 * Connects, tells `onOpen` of it, exchanges what there is to, and takes the sessions.
 *
 * @throws {Error} With what to do about it.
 */
export async function visit(
  plan: Plan,
  session: TlsSession | undefined,
  onOpen?: (info: TlsSocketInfo, time: number) => Promise<void>,
): Promise<Visit> {
  const start = performance.now();
  await using socket = await dial(plan, session);
  const time = performance.now() - start;
  try {
    const info = await socket.opened;
    await onOpen?.(info, time);
    const collected = collect(socket);
    if (plan.exchange) {
      await runExchange(socket, plan.exchange);
      // The server has ended in good order, whether or not it wanted to hear more.
      await socket[Symbol.asyncDispose]();
    } else {
      if (info.protocol === "TLSv1.3") await collected.first;
      await socket.close();
    }
    return { info, time, sessions: await collected.all };
  } catch (error) {
    throw error instanceof TlsError ? explainedTls(error) : error;
  }
}

async function dial(
  plan: Plan,
  session: TlsSession | undefined,
): Promise<TlsSocket> {
  try {
    return await open(plan, session);
  } catch (error) {
    throw error instanceof TlsError
      ? explainedTls(error)
      : explainedTcp(error, plan.target);
  }
}

async function open(
  plan: Plan,
  session: TlsSession | undefined,
): Promise<TlsSocket> {
  const { target, servername, context, timeout, store } = plan;
  const earlyData = earlyDataFor(plan, session);
  const options = {
    context,
    handshakeTimeout: timeout,
    ...(session && { session }),
    ...(earlyData && { earlyData }),
  };
  return await connectTls({
    ...target,
    servername,
    ...options,
    ...(store && {
      sessions: store,
      // A person waits here, and a store may be far away.
      lookupTimeout: timeout,
      writeTimeout: timeout,
    }),
  });
}

function earlyDataFor(
  { earlyData, store }: Plan,
  session: TlsSession | undefined,
): Uint8Array | undefined {
  if (earlyData === undefined) return undefined;
  // Of a session in the store connectTls finds out.
  if (session === undefined) return store && earlyData;
  return earlyData.length <= session.maxEarlyData ? earlyData : undefined;
}

/** Takes sessions as they come, until the connection ends. */
function collect(
  socket: TlsSocket,
): { first: Promise<void>; all: Promise<TlsSession[]> } {
  const sessions: TlsSession[] = [];
  const { promise: came, resolve } = Promise.withResolvers<void>();
  const all = (async () => {
    for await (const session of socket.sessions) {
      sessions.push(session);
      resolve();
    }
    return sessions;
  })();
  // A failure ends the wait through `closed`.
  const collected = all.catch(() => sessions);
  const timer = setTimeout(resolve, SESSION_TIMEOUT);
  const first = Promise.race([came, socket.closed])
    .finally(() => clearTimeout(timer));
  first.catch(() => {});
  return { first, all: collected };
}
