import type { Libssl, SSL } from "../../../src/libssl/mod.ts";
import { type Hosts, separateHosts, sharingHosts } from "../wrong/hosts.ts";
import { PKI } from "../wrong/libssl_server.ts";
import type { AuditScenario, RebuiltServer } from "./scenario.ts";

/** Two hosts, one of which requires a client certificate. */
const PRIVATE_AND_PUBLIC = {
  names: ["private.test", "public.test"],
  hosts: { "private.test": { trust: [PKI.ca.cert] } } as Hosts,
};

/**
 * nginx chose the virtual host in the callback for server names, which comes when OpenSSL has
 * resumed a session of TLS 1.3 already: one that was made at a host without client certificates
 * was let in at a host that requires one. In TLS 1.2 the name was that of the session, which a
 * request to another host gives away. Since 1.26.3 and 1.27.4 nginx refuses such sessions.
 */
export const VIRTUAL_HOST_POLICIES: AuditScenario = {
  name: "nginx, CVE-2025-23419: a session opens the virtual host next to it",
  reference: "CVE-2025-23419",
  advice: /virtual host/i,
  names: PRIVATE_AND_PUBLIC.names,
  hasCertificate: true,
  start({ isMended, seed }): RebuiltServer {
    const server = isMended ? separateHosts : sharingHosts;
    const options = { seed, answer: answerByHost };
    return { server: server(PRIVATE_AND_PUBLIC.hosts, options) };
  },
  verdicts: {
    "isolation/name-requires-certificate": {
      "tls1.2-id": ["pass", "pass"],
      "tls1.2-ticket": ["pass", "pass"],
      "tls1.3": ["fail", "pass"],
    },
  },
};

/**
 * node:tls, as a client, didn't check the certificate of a session that it resumed, and let a
 * session be reused for another `servername`; since 22.23.0, 24.17.0 and 26.3.1 it is bound to the
 * host. The server's part of it: to resume a session of one host at another, whose certificate is
 * another. Node's own servers do so with `addContext`.
 */
export const NAMES_OF_SESSIONS: AuditScenario = {
  name: "Node.js, CVE-2026-48934: a session of one host speaks for another",
  reference: "CVE-2026-48934",
  advice: /virtual host/i,
  names: ["one.test", "two.test"],
  hasCertificate: false,
  start({ isMended, seed }): RebuiltServer {
    const server = isMended ? separateHosts : sharingHosts;
    const hosts = { "two.test": { certificate: PKI.wrongHost } };
    return { server: server(hosts, { seed }) };
  },
  verdicts: {
    "isolation/other-name": {
      "tls1.2-id": ["fail", "pass"],
      "tls1.2-ticket": ["fail", "pass"],
      // RFC 8446 leaves it to the client, which that was.
      "tls1.3": ["warn", "pass"],
    },
  },
};

/**
 * Mbed TLS kept what the callback for server names had decided on the first hello when the second,
 * after a HelloRetryRequest, had another name: such as to ask for no client certificate. Here it is
 * a session that the first name opens for the second. Fixed after 3.6.7, 4.1.1 and 4.2.0.
 */
export const NAME_AFTER_RETRY: AuditScenario = {
  name: "Mbed TLS, CVE-2026-116375: a second hello has the first one's host",
  reference: "CVE-2026-116375",
  advice: /second hello/i,
  names: PRIVATE_AND_PUBLIC.names,
  hasCertificate: true,
  start: ({ isMended, seed }) => ({
    server: separateHosts(PRIVATE_AND_PUBLIC.hosts, {
      seed,
      keepsFirst: !isMended,
    }),
  }),
  verdicts: { "isolation/name-after-retry": { "tls1.3": ["warn", "pass"] } },
};

/** As nginx does: a request must be to the host of its connection. */
function answerByHost(data: Uint8Array, libssl: Libssl, ssl: SSL): Uint8Array {
  const [, host] = /^Host: (.*)\r$/m.exec(new TextDecoder().decode(data)) ?? [];
  const isOwn = host === libssl.SSL_get_servername(ssl);
  const status = isOwn ? "200 OK" : "421 Misdirected Request";
  return new TextEncoder().encode(
    `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
}
