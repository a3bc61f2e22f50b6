import { LibsslServer, PKI } from "../wrong/libssl_server.ts";
import type { AuditScenario, RebuiltServer } from "./scenario.ts";

/**
 * crypto/tls of Go resumed sessions of clients whose CA had been taken out of `ClientCAs` since:
 * tickets were bound to keys alone, which clones of a `Config` share. Since Go 1.24.13 and 1.25.7
 * the chain is verified again.
 */
export const CLIENT_CA: AuditScenario = {
  name: "Go, CVE-2025-68121: a session outlives the trust in its client's CA",
  reference: "CVE-2025-68121",
  advice: /client CA|trust|verif/i,
  names: ["one.test"],
  hasCertificate: true,
  start({ isMended, seed }): RebuiltServer {
    const roots = [PKI.ca.cert, PKI.otherCa.cert];
    const server = new LibsslServer({ seed, trust: [PKI.ca.cert] });
    const { libssl, ctx } = server;
    return {
      server,
      change(): void {
        roots.reverse();
        server.trust(ctx, roots.slice(0, 1));
        if (!isMended) return;
        // What the sessions of these authorities are bound to.
        const id = new TextEncoder().encode(`of ${roots.indexOf(PKI.ca.cert)}`);
        libssl.SSL_CTX_set_session_id_context(ctx, id);
      },
    };
  },
  verdicts: {
    "isolation/changed-client-ca": {
      "tls1.2-id": ["fail", "pass"],
      "tls1.2-ticket": ["fail", "pass"],
      "tls1.3": ["fail", "pass"],
    },
  },
};
