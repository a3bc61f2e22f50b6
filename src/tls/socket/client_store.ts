import { ownOptions } from "../../internal/own_options.ts";
import { ClientSessions } from "../sessions/client_sessions.ts";
import {
  LOOKUP_TIMEOUT,
  reportStoreError,
  WRITE_TIMEOUT,
} from "../sessions/store_defaults.ts";
import type { ClientStoreOptions } from "./client_store_options.ts";
import type { TlsContext } from "../context/context.ts";
import { contextCores } from "../context/context_core.ts";
import { openSocket } from "./open_socket.ts";
import type { TlsSocket } from "./socket.ts";
import type { StartTlsOptions } from "./start_tls_options.ts";
import type { TlsSession } from "../sessions/session.ts";
import type { Carrier } from "./carrier.ts";

/** The sessions with a server, in the caller's store, if there is one. */
export function clientSessions(
  context: TlsContext,
  server: string,
  options: ClientStoreOptions,
): ClientSessions | undefined {
  const {
    sessions: store,
    singleUse = true,
    lookupTimeout = LOOKUP_TIMEOUT,
    writeTimeout = WRITE_TIMEOUT,
    onStoreError = reportStoreError,
  } = options;
  if (store === undefined) return undefined;
  const { openssl, binding } = contextCores.get(context);
  return new ClientSessions(openssl, binding.client, server, {
    store,
    singleUse,
    lookupTimeout,
    writeTimeout,
    onStoreError,
  });
}

/** Starts TLS with the session that is to be resumed: the caller's, or one that is found. */
export async function openClient(
  carrier: Carrier,
  sessions: ClientSessions | undefined,
  given: StartTlsOptions,
): Promise<TlsSocket> {
  const options = ownOptions(given);
  const open = (session: TlsSession | undefined): TlsSocket =>
    openSocket(
      carrier,
      withSession(options, session),
      sessions && {
        onOpen: (resumed) => sessions.onOpen(resumed),
        onSession: (session) => sessions.keep(session),
        onFailure: (error) => sessions.onFailure(error),
      },
    );
  if (options.session || !sessions) return open(options.session);
  const found = await sessions.find();
  try {
    return open(found);
  } catch (error) {
    if (found === undefined) throw error;
    // The store's session can't be resumed with this server.
    sessions.report(error, "get");
    return open(undefined);
  }
}

/** A session of the caller's should allow early data; what the store has may not. */
function withSession(
  { earlyData, session: own, ...options }: StartTlsOptions,
  session: TlsSession | undefined,
): StartTlsOptions {
  const sendsEarly = earlyData !== undefined &&
    (own !== undefined ||
      earlyData.length <= (session?.maxEarlyData ?? -1));
  return {
    ...options,
    ...(session && { session }),
    ...(sendsEarly && { earlyData }),
  };
}
