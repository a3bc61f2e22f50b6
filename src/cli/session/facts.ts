import { TlsSession } from "../../../mod.ts";
import type { Libssl, SSL_SESSION } from "../../libssl/mod.ts";
import {
  bytesText,
  dateText,
  durationText,
  fieldsText,
  isoText,
  jsonText,
  printable,
} from "../format.ts";
import { withSession } from "./handle.ts";
import type { FoundSession } from "./session_file.ts";

/** The fields of a session. */
export interface SessionFacts {
  readonly form: FoundSession["form"];
  readonly bytes: number;
  readonly protocol: string;
  readonly cipher: string | null;
  readonly id: string;
  readonly idContext: string;
  readonly created: Date;
  /** When the peer was last authenticated: in the full handshake that the session stems from. */
  readonly authenticated: Date;
  readonly expires: Date;
  /** When the store record expires. */
  readonly recordExpires: Date | null;
  /** In seconds. */
  readonly timeout: number;
  readonly resumable: boolean;
  /** In bytes; 0 without a ticket. */
  readonly ticketBytes: number;
  /** In seconds; 0 if the server gave none. */
  readonly ticketLifetimeHint: number;
  readonly maxEarlyData: number;
  readonly serverName: string | null;
  readonly alpnProtocol: string | null;
  readonly peer: string | null;
  /** In hex; `null` unless requested. */
  readonly masterKey: string | null;
}

/** Reads the fields of a session. */
export function sessionFacts(
  { form, der, recordExpiresAt }: FoundSession,
  withSecrets: boolean,
): SessionFacts {
  const { protocol, expiresAt, provedAt, maxEarlyData } = TlsSession
    .fromBytes(der);
  return withSession(der, (libssl, session) => {
    const cipher = libssl.SSL_SESSION_get0_cipher(session);
    const peer = libssl.SSL_SESSION_get0_peer(session);
    const alpn = libssl.SSL_SESSION_get0_alpn_selected(session);
    const ticketBytes = libssl.SSL_SESSION_get0_ticket(session).length;
    const created = libssl.SSL_SESSION_get_time_ex(session) * 1000;
    const timeout = libssl.SSL_SESSION_get_timeout(session);
    return {
      form,
      bytes: der.length,
      protocol,
      cipher: cipher && libssl.SSL_CIPHER_standard_name(cipher),
      id: libssl.SSL_SESSION_get_id(session).toHex(),
      idContext: libssl.SSL_SESSION_get0_id_context(session).toHex(),
      created: new Date(created),
      authenticated: provedAt,
      // A server's session has no ticket, and no lifetime hint that limits it.
      expires: ticketBytes > 0 ? expiresAt : new Date(created + timeout * 1000),
      recordExpires: recordExpiresAt ?? null,
      timeout,
      resumable: libssl.SSL_SESSION_is_resumable(session) === 1,
      ticketBytes,
      ticketLifetimeHint: libssl.SSL_SESSION_get_ticket_lifetime_hint(session),
      maxEarlyData,
      serverName: libssl.SSL_SESSION_get0_hostname(session),
      alpnProtocol: alpn.length > 0 ? bytesText(alpn) : null,
      peer: peer && libssl.X509_get_subject_name(peer),
      masterKey: withSecrets ? masterKey(libssl, session) : null,
    };
  });
}

/** The fields as text, one line for each. */
export function factsText(facts: SessionFacts, now: number): string {
  return fieldsText([
    ...factFields(facts, now),
    ["master key", facts.masterKey ?? "(hidden: --secrets shows it)"],
  ]);
}

/** The names and values of the fields, without the master key. */
export function factFields(
  facts: SessionFacts,
  now: number,
): (readonly [name: string, value: string])[] {
  const { recordExpires, ticketBytes, ticketLifetimeHint } = facts;
  return [
    ["form", `${facts.form}, ${facts.bytes} bytes of DER`],
    ["version", facts.protocol],
    ["cipher", facts.cipher ?? "none"],
    ["id", facts.id || "none"],
    ["id context", facts.idContext || "none"],
    ["created", dateText(facts.created, now)],
    ["authenticated", dateText(facts.authenticated, now)],
    ["expires", dateText(facts.expires, now)],
    ...(recordExpires && isoText(recordExpires) !== isoText(facts.expires)
      ? [["record expires", dateText(recordExpires, now)] as const]
      : []),
    ["timeout", durationText(facts.timeout * 1000)],
    ["ticket", ticketText(ticketBytes, ticketLifetimeHint)],
    ["early data", earlyDataText(facts.maxEarlyData)],
    ["server name", printable(facts.serverName ?? "none")],
    ["ALPN", printable(facts.alpnProtocol ?? "none")],
    ["peer", printable(facts.peer ?? "no certificate")],
    ["resumable", facts.resumable ? "yes" : "no"],
  ];
}

/** The fields as JSON in one line. */
export function factsJson(facts: SessionFacts): string {
  const { created, authenticated, expires, recordExpires, masterKey, ...rest } =
    facts;
  return jsonText({
    ...rest,
    created: isoText(created),
    authenticated: isoText(authenticated),
    expires: isoText(expires),
    recordExpires: recordExpires && isoText(recordExpires),
    ...(masterKey !== null && { masterKey }),
  });
}

/** How much early data a session allows. */
export function earlyDataText(maxEarlyData: number): string {
  return maxEarlyData > 0 ? `up to ${maxEarlyData} bytes` : "not allowed";
}

function ticketText(bytes: number, lifetimeHint: number): string {
  if (bytes === 0) return "none";
  const hint = lifetimeHint > 0
    ? `, lifetime hint ${durationText(lifetimeHint * 1000)}`
    : "";
  return `${bytes} bytes${hint}`;
}

function masterKey(libssl: Libssl, session: SSL_SESSION): string {
  const key = libssl.SSL_SESSION_get_master_key(session);
  const text = key.toHex();
  key.fill(0);
  return text;
}
