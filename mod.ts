/**
 * OpenSSL's libssl in WebAssembly, built around external session caching: TLS
 * sessions live in a store that you choose, and a client that met one server
 * resumes on any other.
 *
 * This module is the idiomatic layer. `@sesame/tls/libssl` has OpenSSL's functions
 * under their own names, `@sesame/tls/stores/...` the stores, `@sesame/tls/testing`
 * what tests need.
 *
 * @example A session that outlives its server
 * ```ts
 * import { TlsContext, TlsEngine, type TlsSession } from "@sesame/tls";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { cert, key } = createTestCertificate();
 * const sessions = new MemorySessionStore();
 * using trust = new TlsContext({ caCerts: [cert] });
 *
 * function meet(context: TlsContext, session?: TlsSession): TlsEngine {
 *   using server = new TlsEngine(context, { role: "server" });
 *   const client = new TlsEngine(trust, {
 *     role: "client",
 *     hostname: "localhost",
 *     ...(session && { session }),
 *   });
 *   while (client.session === null) {
 *     server.receive(client.send());
 *     client.receive(server.send());
 *   }
 *   return client;
 * }
 *
 * using one = new TlsContext({ cert, key, sessions });
 * using another = new TlsContext({ cert, key, sessions });
 * using first = meet(one);
 * using second = meet(another, first.session ?? undefined);
 * assertEquals(first.info?.resumed, false);
 * assertEquals(second.info?.resumed, true);
 * ```
 *
 * @module
 */
export {
  optionMessage,
  type OptionNamer,
  type OptionPath,
} from "./src/internal/option_error.ts";
export { TlsError } from "./src/internal/tls_error.ts";
export type {
  TlsErrorCode,
  TlsErrorOptions,
} from "./src/internal/tls_error.ts";
export {
  OpenSSL,
  type OpenSSLMemory,
  type OpenSSLOptions,
} from "./src/libssl/openssl.ts";
export type * from "./src/stores/session_store.ts";
export type {
  EarlyDataStatus,
  TlsConnectionInfo,
  TlsPeersInfo,
} from "./src/tls/peer/connection_info.ts";
export type { PeerCertificate } from "./src/tls/peer/peer_certificate.ts";
export type {
  TcpListener,
  TlsListener,
  TlsListenerAddress,
  TlsListenerStats,
} from "./src/tls/deno/listener_types.ts";
export { connectTls } from "./src/tls/deno/connect.ts";
export type {
  ClientContextOptions,
  ConnectTlsOptions,
} from "./src/tls/deno/connect_options.ts";
export {
  TlsContext,
  type TlsContextOptions,
} from "./src/tls/context/context.ts";
export type {
  TlsCertificateOptions,
  TlsProtocolOptions,
  TlsTrustOptions,
  TlsVersion,
} from "./src/tls/context/context_options.ts";
export type { TlsSessionOptions } from "./src/tls/sessions/session_options.ts";
export type { TlsContextUpdate } from "./src/tls/context/context_update.ts";
export { TlsEngine } from "./src/tls/engine/engine.ts";
export type { TlsEngineState } from "./src/tls/engine/driven_connection.ts";
export type { CertificateRequestOptions } from "./src/tls/engine/certificate_request.ts";
export type { TlsEngineOptions } from "./src/tls/engine/engine_setup.ts";
export type {
  StoreErrorListener,
  StoreOperation,
} from "./src/tls/sessions/store_operations.ts";
export { listenTls, listenTlsOver } from "./src/tls/deno/listener.ts";
export type {
  ListenTlsOptions,
  TlsListenerOptions,
} from "./src/tls/deno/listener_options.ts";
export type { NetErrorFields } from "./src/tls/deno/net_error.ts";
export type { TcpConnection } from "./src/tls/socket/tcp_connection.ts";
export {
  type NodeDuplex,
  nodeTransport,
} from "./src/tls/socket/node_transport.ts";
export type { TlsRevalidationInfo } from "./src/tls/sessions/revalidation.ts";
export type {
  Resumption,
  ResumptionFailure,
  ResumptionSource,
} from "./src/tls/sessions/resumption.ts";
export { rootCertificates } from "./src/tls/context/root_certificates.ts";
export { TlsSession } from "./src/tls/sessions/session.ts";
export {
  decodeSessionRecord,
  type InvalidRecordReason,
  type SessionRecord,
} from "./src/tls/sessions/session_record.ts";
export type { SessionStats } from "./src/tls/sessions/session_stats.ts";
export { TlsSocket } from "./src/tls/socket/socket.ts";
export type { TlsSocketAddress } from "./src/tls/socket/socket_address.ts";
export type { TlsSocketInfo } from "./src/tls/socket/socket_settings.ts";
export type { ClientStoreOptions } from "./src/tls/socket/client_store_options.ts";
export { startTls } from "./src/tls/socket/start_tls.ts";
export type {
  StartTlsClientOptions,
  StartTlsOptions,
} from "./src/tls/socket/start_tls_options.ts";
export type { TlsTransport } from "./src/tls/socket/transport.ts";
