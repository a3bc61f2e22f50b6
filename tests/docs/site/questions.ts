/** What users of such libraries ask in their trackers, and the page that answers. */

/** A question. */
export interface Question {
  /** Where it is asked. */
  readonly tracker: string;
  /** What is asked, in our words. */
  readonly question: string;
  /** The page that answers it. */
  readonly page: string;
}

/** The questions. */
export const QUESTIONS: readonly Question[] = [
  {
    tracker: "nodejs/node#27167",
    question: "tls server: the newSession event is never fired",
    page: "node.html",
  },
  {
    tracker: "nodejs/node#60847",
    question: "resumeSession for TLS 1.3",
    page: "node.html",
  },
  {
    tracker: "denoland/deno#30305",
    question:
      "session resumption of node:tls in Deno: getTLSTicket, newSession",
    page: "node.html",
  },
  {
    tracker: "oven-sh/bun#25185",
    question: "Bun doesn't emit newSession and resumeSession",
    page: "node.html",
  },
  {
    tracker: "denoland/deno#26825",
    question: "how does a server ask for a client certificate (mutual TLS)",
    page: "virtual-hosts.html",
  },
  {
    tracker: "denoland/deno#16494",
    question: "several certificates for several domains on one port, by SNI",
    page: "virtual-hosts.html",
  },
  {
    tracker: "denoland/deno#21496",
    question: "startTls with a client certificate and key",
    page: "starttls.html",
  },
  {
    tracker: "denoland/deno#31759",
    question: "STARTTLS at the server: upgrade a socket to TLS",
    page: "starttls.html",
  },
  {
    tracker: "denoland/deno#28555",
    question: "handshake failure at an old server with CBC ciphers",
    page: "legacy.html",
  },
  {
    tracker: "nodejs/node#45378",
    question: "unsafe legacy renegotiation disabled",
    page: "legacy.html",
  },
  {
    tracker: "denoland/deno#23989",
    question: "SSLKEYLOGFILE to decrypt traffic in Wireshark",
    page: "debugging.html",
  },
  {
    tracker: "denoland/deno#23960",
    question: "unexpected end of file: peer closed without close_notify",
    page: "errors.html",
  },
  {
    tracker: "brianc/node-postgres#2558",
    question: "self-signed certificate in certificate chain",
    page: "errors.html",
  },
  {
    tracker: "brianc/node-postgres#3600",
    question:
      "pg: connect to PostgreSQL with a private CA and client certificate",
    page: "drivers.html",
  },
  {
    tracker: "patrickjuchli/basic-ftp#60",
    question: "FTPS data connection: session reuse required",
    page: "drivers.html",
  },
  {
    tracker: "denoland/deno#28341",
    question: "mqtts with ca, cert and key in Deno",
    page: "drivers.html",
  },
  {
    tracker: "redis/ioredis#1786",
    question:
      "ioredis: self-signed certificate, though rejectUnauthorized is false",
    page: "drivers.html",
  },
  {
    tracker: "openssl/openssl#11039",
    question: "get_session_cb is never called in TLS 1.3",
    page: "hooks.html",
  },
  {
    tracker: "openssl/openssl#4045",
    question:
      "SSL_CTX_sess_set_new_cb: when is it called for a resumed session",
    page: "hooks.html",
  },
  {
    tracker: "microsoft/msquic#3780",
    question: "session id context uninitialized",
    page: "hooks.html",
  },
  {
    tracker: "openresty/lua-nginx-module#1539",
    question: "ssl_session_fetch_by_lua with TLS 1.3",
    page: "migrating.html",
  },
  {
    tracker: "nodejs/node#15115",
    question: "reload certificates without a restart of the server",
    page: "servers.html",
  },
  {
    tracker: "h2o/h2o#523",
    question: "rotate ticket keys in a cluster",
    page: "tickets.html",
  },
  {
    tracker: "nodejs/node#1462",
    question: "share sessions among servers behind a load balancer",
    page: "fleets.html",
  },
  {
    tracker: "nodejs/node#28931",
    question: "0-RTT and replay",
    page: "early-data.html",
  },
  {
    tracker: "envoyproxy/envoy#28758",
    question: "a revoked client certificate still resumes its session",
    page: "resuming.html",
  },
  {
    tracker: "denoland/docs#3113",
    question: "https server with express",
    page: "https.html",
  },
  {
    tracker: "cloudflare/workerd#7201",
    question: "connect() in Workers with a custom CA",
    page: "cloudflare.html",
  },
  {
    tracker: "cloudflare/workerd#6586",
    question: "client certificate on a TCP socket of a Worker",
    page: "cloudflare.html",
  },
];
