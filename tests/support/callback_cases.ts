/**
 * The callbacks that a handshake calls, and how it ends when they say no.
 *
 * @module
 */
import {
  type SSL_CTX,
  SSL_TLSEXT_ERR_OK,
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLSEXT_STATUSTYPE_ocsp,
} from "../../src/libssl/mod.ts";
import type { Pair } from "./pair.ts";
import type { Peers } from "./peers.ts";

/** What a callback needs to be called in a handshake, and how that then ends. */
export interface CallbackCase {
  /** The versions to try, if not both. */
  versions?: number[];
  /** Sets a callback. */
  set(
    peers: Peers,
    server: SSL_CTX,
    client: SSL_CTX,
    callback: () => never,
  ): void;
  /** Readies a connection for it. */
  ready?(peers: Peers, pair: Pair): void;
  /** What ends the handshake after the exception; by default it succeeds. */
  failure?: string;
}

/** Each sort of callback, but those for sessions that are resumed or removed. */
export const CALLBACK_CASES: Record<string, CallbackCase> = {
  "new session": {
    set: ({ libssl }, server, _client, callback) =>
      libssl.SSL_CTX_sess_set_new_cb(server, callback),
  },
  "client hello": {
    set: ({ libssl }, server, _client, callback) =>
      libssl.SSL_CTX_set_client_hello_cb(server, callback),
    failure: "callback failed",
  },
  servername: {
    set: ({ libssl }, server, _client, callback) =>
      libssl.SSL_CTX_set_tlsext_servername_callback(server, callback),
    failure: "callback failed",
  },
  ALPN: {
    set: ({ libssl }, server, client, callback) => {
      libssl.SSL_CTX_set_alpn_protos(client, Uint8Array.of(2, 104, 50));
      libssl.SSL_CTX_set_alpn_select_cb(server, callback);
    },
    failure: "no application protocol",
  },
  verify: {
    set: ({ libssl }, _server, client, callback) =>
      libssl.SSL_CTX_set_verify(client, SSL_VERIFY_PEER, callback),
    failure: "certificate verify failed",
  },
  "key log": {
    set: ({ libssl }, server, _client, callback) =>
      libssl.SSL_CTX_set_keylog_callback(server, callback),
  },
  message: {
    set: ({ libssl }, server, _client, callback) =>
      libssl.SSL_CTX_set_msg_callback(server, callback),
  },
  info: {
    set: ({ libssl }, server, _client, callback) =>
      libssl.SSL_CTX_set_info_callback(server, callback),
  },
  "generate session id": {
    set: ({ libssl }, server, _client, callback) =>
      void libssl.SSL_CTX_set_generate_session_id(server, callback),
    failure: "ssl session id callback failed",
  },
  "PSK client": {
    versions: [TLS1_2_VERSION],
    set: ({ libssl }, server, client, callback) => {
      libssl.SSL_CTX_set_cipher_list(client, "PSK");
      libssl.SSL_CTX_set_psk_client_callback(client, callback);
      libssl.SSL_CTX_set_psk_server_callback(server, () => null);
    },
    failure: "psk identity not found",
  },
  "PSK server": {
    versions: [TLS1_2_VERSION],
    set: ({ libssl }, server, client, callback) => {
      const psk = new Uint8Array(16);
      libssl.SSL_CTX_set_cipher_list(client, "PSK");
      libssl.SSL_CTX_set_psk_client_callback(client, () => {
        return { identity: "me", psk };
      });
      libssl.SSL_CTX_set_psk_server_callback(server, callback);
    },
    failure: "psk identity not found",
  },
  "PSK client in TLS 1.3": {
    versions: [TLS1_3_VERSION],
    set: ({ libssl }, _server, client, callback) =>
      libssl.SSL_CTX_set_psk_client_callback(client, callback),
  },
  "server's status": {
    set: ({ libssl }, server, _client, callback) =>
      void libssl.SSL_CTX_set_tlsext_status_cb(server, callback),
    ready: askForStatus,
    failure: "clienthello tlsext",
  },
  "client's status": {
    set: ({ libssl }, server, client, callback) => {
      libssl.SSL_CTX_set_tlsext_status_cb(server, (ssl) => {
        libssl.SSL_set_tlsext_status_ocsp_resp(ssl, Uint8Array.of(48, 0));
        return SSL_TLSEXT_ERR_OK;
      });
      libssl.SSL_CTX_set_tlsext_status_cb(client, callback);
    },
    ready: askForStatus,
    failure: "ocsp callback failure",
  },
};

function askForStatus({ libssl }: Peers, { client }: Pair): void {
  libssl.SSL_set_tlsext_status_type(client, TLSEXT_STATUSTYPE_ocsp);
}
