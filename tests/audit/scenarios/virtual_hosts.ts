import type { Libssl, SSL, SSL_CTX } from "../../../src/libssl/mod.ts";
import {
  SSL_CLIENT_HELLO_SUCCESS,
  SSL_TLSEXT_ERR_OK,
} from "../../../src/libssl/mod.ts";
import {
  type ContextOptions,
  LibsslServer,
  type LibsslServerOptions,
  PKI,
} from "../wrong/libssl_server.ts";
import type { AuditScenario } from "./scenario.ts";

const SERVER_NAME = 0;
/** The bytes of a server_name extension before the name: two lengths and a type. */
const NAME_AT = 5;

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
  names: ["private.test", "public.test"],
  hasCertificate: true,
  start: ({ isMended, seed }) => ({
    server: hosts({
      isMended,
      seed,
      others: { "private.test": { trust: [PKI.ca.cert] } },
      answer: answerByHost,
    }),
  }),
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
  start: ({ isMended, seed }) => ({
    server: hosts({
      isMended,
      seed,
      others: { "two.test": { certificate: PKI.wrongHost } },
    }),
  }),
  verdicts: {
    "isolation/other-name": {
      "tls1.2-id": ["fail", "pass"],
      "tls1.2-ticket": ["fail", "pass"],
      // RFC 8446 leaves it to the client, which that was.
      "tls1.3": ["warn", "pass"],
    },
  },
};

/** A server of a default host and others: mended, it chooses before OpenSSL looks at a session. */
function hosts({ isMended, seed, others, answer }: {
  isMended: boolean;
  seed: string;
  others: Readonly<Record<string, ContextOptions>>;
  answer?: LibsslServerOptions["answer"];
}): LibsslServer {
  return new LibsslServer({
    seed,
    ...(answer && { answer }),
    setUp(libssl, ctx, server): void {
      const contexts = new Map(
        Object.entries(others).map(([name, options]) => {
          const own = isMended ? { sessionIdContext: name } : {};
          return [name, server.newContext({ ...options, ...own })];
        }),
      );
      if (isMended) {
        libssl.SSL_CTX_set_client_hello_cb(ctx, (ssl) => {
          use(libssl, ssl, contexts.get(nameIn(libssl, ssl)));
          return SSL_CLIENT_HELLO_SUCCESS;
        });
      } else {
        libssl.SSL_CTX_set_tlsext_servername_callback(ctx, (ssl) => {
          const name = libssl.SSL_get_servername(ssl) ?? "";
          use(libssl, ssl, contexts.get(name));
          return SSL_TLSEXT_ERR_OK;
        });
      }
    },
  });
}

/** As nginx does: a request must be to the host of its connection. */
function answerByHost(data: Uint8Array, libssl: Libssl, ssl: SSL): Uint8Array {
  const [, host] = /^Host: (.*)\r$/m.exec(new TextDecoder().decode(data)) ?? [];
  const isOwn = host === libssl.SSL_get_servername(ssl);
  const status = isOwn ? "200 OK" : "421 Misdirected Request";
  return new TextEncoder().encode(
    `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
}

function use(libssl: Libssl, ssl: SSL, ctx: SSL_CTX | undefined): void {
  if (ctx === undefined) return;
  libssl.SSL_set_SSL_CTX(ssl, ctx);
  libssl.SSL_set_verify(ssl, libssl.SSL_CTX_get_verify_mode(ctx), null);
}

function nameIn(libssl: Libssl, ssl: SSL): string {
  const extension = libssl.SSL_client_hello_get0_ext(ssl, SERVER_NAME);
  return new TextDecoder().decode(extension?.subarray(NAME_AT));
}
