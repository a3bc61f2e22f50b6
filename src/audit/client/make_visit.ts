import { concat } from "../../internal/bytes.ts";
import { TLS1_3_VERSION } from "../../libssl/constants.ts";
import type { SSL, SSL_SESSION } from "../../libssl/handles.ts";
import type { Trace } from "../../testing/trace.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { certificateDigest } from "../certificate_digest.ts";
import type { ResumptionKind } from "../finding.ts";
import type { ClientState } from "./client_state.ts";
import { AuditSession } from "./audit_session.ts";
import { hasExtended, SessionDer } from "./session_der.ts";
import { ClientConnection } from "./client_connection.ts";
import { ClientInstance } from "./client_instance.ts";
import { ConnectionTrace } from "./connection_trace.ts";
import { Deadline } from "./deadline.ts";
import type { ClientSession } from "./session.ts";
import { Visiting } from "./visiting.ts";
import { connectionFor, titleOf } from "./visit_settings.ts";
import type { Visit, VisitOptions } from "./visit_types.ts";

/** The most sessions of one connection that are kept. */
const MAX_SESSIONS = 64;

/** Makes one connection, with a handshake by OpenSSL, and ends it. */
export async function makeVisit(
  client: ClientState,
  kind: ResumptionKind,
  options: VisitOptions,
): Promise<Visit> {
  const { target, timeout, signal } = client.parts;
  const { node = target.nodes[0] ?? "" } = options;
  const title = options.title ?? titleOf(options, kind);
  const deadline = new Deadline(
    title,
    client.limits.connectionTimeout(timeout),
    signal,
  );
  const { at } = options;
  const clock = at === undefined ? client.parts.now : (): number => at;
  const isSeeded = options.seed !== undefined;
  const instance = isSeeded
    ? new ClientInstance(clock, options.seed)
    : client.instance;
  const { libssl } = instance;
  const trace = new ConnectionTrace(client.parts.now);
  trace.note(title);
  const begin = performance.now();
  const wire = await target.open(node, deadline);
  const sessions: ClientSession[] = [];
  let connection: ClientConnection | undefined;
  let ssl: SSL | undefined;
  try {
    instance.setClock(clock);
    ssl = connectionFor(
      instance,
      client.withGroups(options),
      kind,
      client.parts.defaults,
    );
    instance.onSession.set(ssl, (session) => {
      if (sessions.length === MAX_SESSIONS) return;
      sessions.push(received(client, libssl, session));
    });
    const setClock = (): void => instance.setClock(clock);
    const parts = { libssl, ssl, wire, deadline, trace, setClock };
    connection = new ClientConnection(parts);
    const visiting = new Visiting({ ...parts, client, connection, sessions });
    const { open, failure } = await visiting.run(options);
    return {
      ...shown(libssl, ssl, open, options.session !== undefined),
      open,
      failure,
      certificateRequested: trace.certificateRequested,
      retried: visiting.retried,
      earlyData: visiting.earlyData,
      firstFlight: concat(connection.firstFlight),
      sessions,
      data: visiting.data,
      helloMs: trace.helloMs ?? performance.now() - begin,
      ms: performance.now() - begin,
      get trace(): Trace {
        return trace.trace;
      },
    };
  } finally {
    if (ssl) instance.onSession.delete(ssl);
    const mode = options.end === "abrupt" ? "at once" : "in order";
    if (connection) await connection.dispose(mode);
    else await wire.close("at once");
    if (isSeeded) instance.dispose();
  }
}

/** A session that OpenSSL reports. */
function received(
  { secrets, parts: { now } }: ClientState,
  libssl: Libssl,
  session: SSL_SESSION,
): ClientSession {
  const receivedAt = now();
  libssl.SSL_SESSION_set_time_ex(session, Math.floor(receivedAt / 1000));
  const cipher = libssl.SSL_SESSION_get0_cipher(session);
  const peer = libssl.SSL_SESSION_get0_peer(session);
  const der = libssl.i2d_SSL_SESSION(session);
  if (der === null) throw new Error("OpenSSL can't encode the session");
  return new AuditSession(der, {
    receivedAt,
    cipher: cipher === null ? "" : libssl.SSL_CIPHER_get_name(cipher),
    serverCertificate: peer && certificateDigest(libssl, peer),
  }, secrets);
}

/** What OpenSSL says of a connection. */
function shown(
  libssl: Libssl,
  ssl: SSL,
  isOpen: boolean,
  isOffered: boolean,
): Pick<
  Visit,
  | "resumed"
  | "version"
  | "cipher"
  | "group"
  | "alpn"
  | "certificate"
  | "extendedMasterSecret"
> {
  const cipher = libssl.SSL_get_current_cipher(ssl);
  const peer = libssl.SSL_get0_peer_certificate(ssl);
  const alpn = libssl.SSL_get0_alpn_selected(ssl);
  const isLatest = libssl.SSL_version(ssl) === TLS1_3_VERSION;
  const isReused = libssl.SSL_session_reused(ssl) === 1;
  const resumed = isOpen && isReused;
  // Of a session that is refused, the peer is who made it.
  const isShown = !isReused && (isOpen || !isOffered);
  return {
    resumed,
    version: cipher === null ? null : isLatest ? "TLSv1.3" : "TLSv1.2",
    cipher: cipher && libssl.SSL_CIPHER_get_name(cipher),
    group: libssl.SSL_get0_group_name(ssl),
    alpn: alpn.length === 0 ? null : String.fromCharCode(...alpn),
    certificate: peer && isShown ? certificateDigest(libssl, peer) : null,
    extendedMasterSecret: !isLatest && hasExtendedMasterSecret(libssl, ssl),
  };
}

function hasExtendedMasterSecret(libssl: Libssl, ssl: SSL): boolean {
  const session = libssl.SSL_get_session(ssl);
  const der = session && libssl.i2d_SSL_SESSION(session);
  if (!der) return false;
  const fields = new SessionDer(der);
  der.fill(0);
  const has = hasExtended(fields);
  fields.wipe();
  return has;
}
