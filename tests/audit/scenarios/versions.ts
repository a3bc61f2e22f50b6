import { SessionDer } from "../../../src/audit/client/session_der.ts";
import {
  CLIENT_HELLO,
  EXTENDED_MASTER_SECRET,
  SESSION_TICKET,
} from "../../../src/audit/client/hello/codes.ts";
import {
  type Libssl,
  type SSL,
  SSL3_RT_HANDSHAKE,
  SSL_OP_NO_TICKET,
  type SSL_SESSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { made } from "../../support/pair.ts";
import type { LibsslConnection } from "../wrong/libssl_connection.ts";
import { ID_CONTEXT, LibsslServer } from "../wrong/libssl_server.ts";
import { type SeenHello, seenHello } from "../wrong/seen_hello.ts";
import type { AuditScenario } from "./scenario.ts";

const HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;
const SSL_SESS_FLAG_EXTMS = 1;

/**
 * Mbed TLS answered a PSK of TLS 1.3 by a HelloRetryRequest, and if the second hello was one of
 * TLS 1.2, resumed "a session" of it that had come from nowhere: its master secret was all zeros,
 * so that who sits in between finished the handshake in the client's name. Since 3.6.6 and 4.1.0
 * it refuses such a hello, as OpenSSL always did.
 */
export const RETRY_DOWNGRADE: AuditScenario = {
  name: "Mbed TLS, CVE-2026-34873: a retried hello resumes in TLS 1.2 by zeros",
  reference: "CVE-2026-34873",
  advice: /TLS library/i,
  names: ["one.test"],
  hasCertificate: false,
  start: ({ isMended, seed }) => ({
    server: isMended
      ? new LibsslServer({ seed })
      : resumingByZeros(seed, (hello, n) => n === 2 && !hello.isModern),
  }),
  verdicts: { "proof/retry-downgrade": { "tls1.3": ["fail", "pass"] } },
};

/**
 * Mbed TLS took a ticket of TLS 1.3 for one of TLS 1.2, and resumed it by the master secret that
 * such a session hasn't: zeros. Fixed after 3.6.7, 4.1.1 and 4.2.0, by comparing the versions.
 */
export const TICKET_OF_OTHER_VERSION: AuditScenario = {
  name: "Mbed TLS, CVE-2026-93831: a ticket of TLS 1.3 is one of TLS 1.2",
  reference: "CVE-2026-93831",
  advice: /TLS library/i,
  names: ["one.test"],
  hasCertificate: false,
  start: ({ isMended, seed }) => ({
    server: isMended
      ? new LibsslServer({ seed })
      : resumingByZeros(seed, (hello) => {
        const ticket = hello.extension(SESSION_TICKET) ?? new Uint8Array();
        return !hello.isModern && nameOf(ticket) === TICKET_NAMES.tls13;
      }),
  }),
  verdicts: {
    "isolation/other-version": {
      "tls1.2-id": ["pass", "pass"],
      "tls1.2-ticket": ["pass", "pass"],
      "tls1.3": ["fail", "pass"],
    },
  },
};

/** The names of the keys of tickets: they tell the server of their version. */
const TICKET_NAMES = { tls12: "tickets, TLS 1.2", tls13: "tickets, TLS 1.3" };

/**
 * A server that resumes, in TLS 1.2, what some hellos propose: a new state machine goes on, which
 * finds a session for any id.
 */
function resumingByZeros(
  seed: string,
  isWrong: (hello: SeenHello, n: number) => boolean,
): LibsslServer {
  const counts = new WeakMap<LibsslConnection, number>();
  const found = new WeakMap<SSL, SeenHello>();
  return new LibsslServer({
    seed,
    onBytes(bytes, connection): Uint8Array {
      const record = helloIn(bytes);
      if (record === null) return bytes;
      const n = (counts.get(connection) ?? 0) + 1;
      counts.set(connection, n);
      const hello = seenHello(record.subarray(HEADER_BYTES));
      if (!isWrong(hello, n)) return bytes;
      connection.replace();
      const { libssl, ssl } = connection;
      libssl.SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
      libssl.SSL_set_options(ssl, SSL_OP_NO_TICKET);
      found.set(ssl, hello);
      return record;
    },
    setUp(libssl, ctx): void {
      nameTicketKeys(libssl, ctx);
      libssl.SSL_CTX_sess_set_get_cb(ctx, (ssl) => {
        const hello = found.get(ssl);
        return hello ? zeroSession(libssl, ssl, hello) : null;
      });
    },
  });
}

function nameTicketKeys(
  libssl: Libssl,
  ctx: LibsslServer["ctx"],
): void {
  const key = made(libssl.RAND_bytes(32));
  libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, (ssl, given) => {
    const { tls12, tls13 } = TICKET_NAMES;
    const own = libssl.SSL_version(ssl) === TLS1_3_VERSION ? tls13 : tls12;
    const name = new TextEncoder().encode(own);
    if (given !== null && nameOf(given) !== own) return null;
    return { key: { name, hmacKey: key, aesKey: key }, renew: false };
  });
}

function nameOf(ticket: Uint8Array): string {
  return new TextDecoder().decode(ticket.subarray(0, 16));
}

/** A session of the id that a hello proposes, with a master secret of zeros. */
function zeroSession(
  libssl: Libssl,
  ssl: SSL,
  { sessionId, cipherSuites, extension }: SeenHello,
): SSL_SESSION {
  const cipher = cipherSuites
    .map((suite) =>
      libssl.SSL_CIPHER_find(ssl, Uint8Array.of(suite >> 8, suite & 0xff))
    )
    .find((one) => one && libssl.SSL_CIPHER_get_version(one) === "TLSv1.2");
  const session = made(libssl.SSL_SESSION_new());
  libssl.SSL_SESSION_set_protocol_version(session, TLS1_2_VERSION);
  libssl.SSL_SESSION_set_cipher(session, made(cipher ?? null));
  libssl.SSL_SESSION_set1_id(session, sessionId);
  const context = new TextEncoder().encode(ID_CONTEXT);
  libssl.SSL_SESSION_set1_id_context(session, context);
  libssl.SSL_SESSION_set1_master_key(session, new Uint8Array(48));
  const der = new SessionDer(made(libssl.i2d_SSL_SESSION(session)));
  libssl.SSL_SESSION_free(session);
  if (extension(EXTENDED_MASTER_SECRET)) {
    der.setNumber("flags", SSL_SESS_FLAG_EXTMS);
  }
  return made(libssl.d2i_SSL_SESSION(der.encoded()));
}

/** The record of the ClientHello among some records, if there is one. */
function helloIn(bytes: Uint8Array): Uint8Array | null {
  for (let at = 0; at < bytes.length;) {
    const [type, , , high = 0, low = 0, message, ...size] = bytes.subarray(
      at,
      at + HEADER_BYTES + MESSAGE_HEADER_BYTES,
    );
    const length = high << 8 | low;
    const end = at + HEADER_BYTES + length;
    const [, upper = 0, lower = 0] = size;
    // An encrypted record can begin like a hello, but hardly says its length.
    const isWhole = (upper << 8 | lower) + MESSAGE_HEADER_BYTES === length;
    if (type === SSL3_RT_HANDSHAKE && message === CLIENT_HELLO && isWhole) {
      return bytes.subarray(at, end);
    }
    at = end;
  }
  return null;
}
