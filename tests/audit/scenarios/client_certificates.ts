import {
  type Libssl,
  type SSL,
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_PEER,
  type X509_STORE_CTX,
} from "../../../src/libssl/mod.ts";
import { crlOf } from "../../support/credentials.ts";
import { made } from "../../support/pair.ts";
import { LibsslServer, PKI } from "../wrong/libssl_server.ts";
import type { AuditScenario, RebuiltServer } from "./scenario.ts";

/** Longer than the time of tests is ahead of the clock's. */
const LIFETIME_MS = 20 * 365 * 86_400_000;

/**
 * Envoy's servers of QUIC didn't verify the certificate of a client whose session they resumed: a
 * client whose certificate had expired or was revoked since got in, until its ticket expired. Since
 * pull request 47219 they resume nothing where a certificate is required. Mended, here, sessions
 * end with the client's certificate and with each list of what is revoked.
 */
export const CLIENT_CERTIFICATES: AuditScenario = {
  name: "Envoy, 47219: a session outlives its client's certificate",
  reference: "Envoy 47219",
  advice: /resumption/i,
  names: ["one.test"],
  hasCertificate: true,
  start({ isMended, seed }): RebuiltServer {
    const server = new LibsslServer({ seed });
    const { libssl, ctx } = server;
    let count = 0;
    const lists = [[], [PKI.client]].map((revoked) =>
      crlOf(PKI.intermediate, revoked, { lifetime: LIFETIME_MS })
    );
    const use = (): void => {
      server.trust(ctx, [PKI.ca.cert], lists[0]);
      if (isMended) {
        const id = new TextEncoder().encode(`list ${++count}`);
        libssl.SSL_CTX_set_session_id_context(ctx, id);
      }
    };
    use();
    libssl.SSL_CTX_set_verify(
      ctx,
      SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
      isMended
        ? (isTrusted, certificates, ssl) => {
          const now = server.clock.now();
          if (isTrusted) limitSession(libssl, ssl, certificates, now);
          return isTrusted;
        }
        : null,
    );
    return {
      server,
      change(): void {
        lists.reverse();
        use();
      },
    };
  },
  verdicts: {
    "isolation/revoked-certificate": {
      "tls1.2-id": ["fail", "pass"],
      "tls1.2-ticket": ["fail", "pass"],
      "tls1.3": ["fail", "pass"],
    },
    "isolation/expired-certificate": {
      "tls1.2-id": ["fail", "pass"],
      "tls1.2-ticket": ["fail", "pass"],
      "tls1.3": ["fail", "pass"],
    },
  },
};

/** Has a connection's session end with the client's certificate, if not before. */
function limitSession(
  libssl: Libssl,
  ssl: SSL,
  certificates: X509_STORE_CTX,
  now: number,
): void {
  if (libssl.X509_STORE_CTX_get_error_depth(certificates) > 0) return;
  const leaf = made(libssl.X509_STORE_CTX_get_current_cert(certificates));
  const left = Math.floor(
    (libssl.X509_get0_notAfter(leaf).getTime() - now) / 1000,
  );
  const session = made(libssl.SSL_get_session(ssl));
  const timeout = libssl.SSL_SESSION_get_timeout(session);
  libssl.SSL_SESSION_set_timeout(session, Math.min(timeout, left));
}
