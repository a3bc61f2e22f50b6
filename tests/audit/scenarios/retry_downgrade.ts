import { SessionDer } from "../../../src/audit/client/session_der.ts";
import {
  CLIENT_HELLO,
  SUPPORTED_VERSIONS,
} from "../../../src/audit/client/hello/codes.ts";
import { parseHello } from "../../../src/audit/client/hello/parse.ts";
import type { Hello } from "../../../src/audit/client/hello_types.ts";
import {
  type Libssl,
  type SSL,
  type SSL_SESSION,
  TLS1_2_VERSION,
} from "../../../src/libssl/mod.ts";
import { made } from "../../support/pair.ts";
import { ID_CONTEXT, LibsslServer } from "../wrong/libssl_server.ts";
import type { AuditScenario } from "./scenario.ts";

const HANDSHAKE = 22;
const HEADER_BYTES = 5;
const EXTENDED_MASTER_SECRET = 23;
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
    server: isMended ? new LibsslServer({ seed }) : wrongServer(seed),
  }),
  verdicts: { "proof/retry-downgrade": { "tls1.3": ["fail", "pass"] } },
};

/** Goes on with a second hello of TLS 1.2 in a new state machine, which has a session for it. */
function wrongServer(seed: string): LibsslServer {
  const hellos = new WeakMap<object, number>();
  return new LibsslServer({
    seed,
    onBytes(bytes, connection): Uint8Array {
      const record = helloIn(bytes);
      if (record === null) return bytes;
      const count = (hellos.get(connection) ?? 0) + 1;
      hellos.set(connection, count);
      const hello = parseHello(record.subarray(HEADER_BYTES), null);
      const isTls13 = hello.extensions.some(({ type }) =>
        type === SUPPORTED_VERSIONS
      );
      if (count < 2 || isTls13) return bytes;
      connection.replace();
      const { libssl, ssl } = connection;
      libssl.SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
      found.set(ssl, hello);
      return record;
    },
    setUp(libssl, ctx): void {
      libssl.SSL_CTX_sess_set_get_cb(ctx, (ssl) => {
        const hello = found.get(ssl);
        return hello ? zeroSession(libssl, ssl, hello) : null;
      });
    },
  });
}

/** The hellos for which there is a session. */
const found = new WeakMap<SSL, Hello>();

/** A session of the id that a hello proposes, with a master secret of zeros. */
function zeroSession(
  libssl: Libssl,
  ssl: SSL,
  { sessionId, cipherSuites, extensions }: Hello,
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
  libssl.SSL_SESSION_set1_id_context(
    session,
    new TextEncoder().encode(ID_CONTEXT),
  );
  libssl.SSL_SESSION_set1_master_key(session, new Uint8Array(48));
  const der = new SessionDer(made(libssl.i2d_SSL_SESSION(session)));
  libssl.SSL_SESSION_free(session);
  if (extensions.some(({ type }) => type === EXTENDED_MASTER_SECRET)) {
    der.setNumber("flags", SSL_SESS_FLAG_EXTMS);
  }
  return made(libssl.d2i_SSL_SESSION(der.encoded()));
}

/** The record of the ClientHello among some records, if there is one. */
function helloIn(bytes: Uint8Array): Uint8Array | null {
  for (let at = 0; at < bytes.length;) {
    const [type, , , high = 0, low = 0, message] = bytes.subarray(at);
    const end = at + HEADER_BYTES + (high << 8 | low);
    if (type === HANDSHAKE && message === CLIENT_HELLO) {
      return bytes.subarray(at, end);
    }
    at = end;
  }
  return null;
}
