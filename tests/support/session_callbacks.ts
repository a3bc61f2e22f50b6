/**
 * Acting inside the session callbacks.
 *
 * @module
 */
import {
  type Libssl,
  type SSL_CTX,
  type SSL_SESSION,
  TLS1_2_VERSION,
} from "../../src/libssl/mod.ts";
import type { Peers } from "./peers.ts";

/** Calls `act` in the first call of each session callback of a context. */
export function inSessionCallbacks(
  libssl: Libssl,
  ctx: SSL_CTX,
  act: (session: SSL_SESSION | null, callback: string) => void,
): string[] {
  const called: string[] = [];
  const first = (callback: string, session: SSL_SESSION | null): void => {
    if (called.includes(callback)) return;
    called.push(callback);
    act(session, callback);
  };
  libssl.SSL_CTX_sess_set_new_cb(ctx, (_ssl, session) => {
    first("new", session);
    return 0;
  });
  libssl.SSL_CTX_sess_set_get_cb(ctx, () => {
    first("get", null);
    return null;
  });
  libssl.SSL_CTX_sess_set_remove_cb(ctx, (_ctx, session) => {
    first("remove", session);
  });
  return called;
}

/** Has each of the session callbacks of a context called. */
export function callAll(peers: Peers, server: SSL_CTX): void {
  const client = peers.client({ version: TLS1_2_VERSION });
  const session = peers.visit(server, client);
  peers.libssl.SSL_CTX_flush_sessions(server, 0);
  peers.visit(server, client, { session });
}
