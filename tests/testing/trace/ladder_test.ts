import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TraceRecorder } from "../../../src/testing/trace.ts";
import { masked, TracedLab, type TracedOptions } from "../../support/traced.ts";

const lab = new TracedLab();
const TLS12 = { maxVersion: "TLSv1.2" } as const;

/** The ladder of a handshake, without what another release of OpenSSL may change. */
function ladderOf(
  options: TracedOptions,
  server = lab.server(options.server),
): string {
  using traced = lab.connect(options, server);
  const ladder = traced.trace.toLadder();
  for (const line of ladder.split("\n")) assert(line.length <= 80, line);
  return `\n${masked(ladder)}\n`;
}

describe("Trace.toLadder() shows", () => {
  it("a full handshake of TLS 1.3", () => {
    const ladder = ladderOf({
      server: { alpnProtocols: ["h2"] },
      client: { alpnProtocols: ["h2", "http/1.1"] },
    });
    assertEquals(
      ladder,
      `
client                                                                    server
 │                                                                            │
 │ 0 ms, 1 record, #### bytes                                                 │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.3, TLSv1.2 · session id aaaaaaaaaaaaaaaa…                          │
 │   ## cipher suites · SNI localhost · ALPN h2, http/1.1                     │
 │   key share X25519MLKEM768, x25519                                         │
 │                                                                            │
 │                                                0 ms, 6 records, #### bytes │
 │ ◀───────────────────────────────────────────────────────────── ServerHello │
 │                                   TLSv1.3 · TLS_CHACHA20_POLY1305_SHA256   │
 │                                                 key share X25519MLKEM768   │
 │ ◀──────────────────────────────────────────────────────── ChangeCipherSpec │
 │ ◀═════════════════════════════════════════════════════ EncryptedExtensions │
 │                                                                  ALPN h2   │
 │ ◀═════════════════════════════════════════════════════════════ Certificate │
 │                                                  CN=localhost, ### bytes   │
 │ ◀═══════════════════════════════════════════════════════ CertificateVerify │
 │                                                   ecdsa_secp256r1_sha256   │
 │ ◀════════════════════════════════════════════════════════════════ Finished │
 │                                                                            │
 │ 10 ms, 2 records, ## bytes                                                 │
 │ ChangeCipherSpec ────────────────────────────────────────────────────────▶ │
 │ Finished ════════════════════════════════════════════════════════════════▶ │
 │                                                                            │
 │                                                20 ms, 2 records, ### bytes │
 │ ◀════════════════════════════════════════════════════════ NewSessionTicket │
 │                           ticket #bbbbbbbb (### bytes) · lifetime 7200 s   │
 │ ◀════════════════════════════════════════════════════════ NewSessionTicket │
 │                           ticket #cccccccc (### bytes) · lifetime 7200 s   │

TLSv1.3, TLS_CHACHA20_POLY1305_SHA256, X25519MLKEM768, ALPN h2
client: open, not resumed: none-offered
server: open, not resumed: none-offered
seed: "traced"
`,
    );
  });

  it("a resumed handshake of TLS 1.3", () => {
    const server = lab.server();
    const session = lab.session(server);
    assertEquals(
      ladderOf({ engine: { session } }, server),
      `
client                                                                    server
 │                                                                            │
 │ 0 ms, 1 record, #### bytes                                                 │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.3, TLSv1.2 · session id aaaaaaaaaaaaaaaa…                          │
 │   ## cipher suites · SNI localhost                                         │
 │   key share X25519MLKEM768, x25519                                         │
 │   offers PSK #bbbbbbbb (### bytes)                                         │
 │                                                                            │
 │                                                0 ms, 4 records, #### bytes │
 │ ◀───────────────────────────────────────────────────────────── ServerHello │
 │                                   TLSv1.3 · TLS_CHACHA20_POLY1305_SHA256   │
 │                                 key share X25519MLKEM768 · selects PSK 0   │
 │ ◀──────────────────────────────────────────────────────── ChangeCipherSpec │
 │ ◀═════════════════════════════════════════════════════ EncryptedExtensions │
 │ ◀════════════════════════════════════════════════════════════════ Finished │
 │                                                                            │
 │ 10 ms, 2 records, ## bytes                                                 │
 │ ChangeCipherSpec ────────────────────────────────────────────────────────▶ │
 │ Finished ════════════════════════════════════════════════════════════════▶ │
 │                                                                            │
 │                                                 20 ms, 1 record, ### bytes │
 │ ◀════════════════════════════════════════════════════════ NewSessionTicket │
 │                           ticket #cccccccc (### bytes) · lifetime 7200 s   │

TLSv1.3, TLS_CHACHA20_POLY1305_SHA256, X25519MLKEM768
client: open, resumed from session
server: open, resumed from ticket
seed: "traced"
`,
    );
  });

  it("a HelloRetryRequest", () => {
    const ladder = ladderOf({ server: { configure: [["Groups", "P-384"]] } });
    assertEquals(
      ladder,
      `
client                                                                    server
 │                                                                            │
 │ 0 ms, 1 record, #### bytes                                                 │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.3, TLSv1.2 · session id aaaaaaaaaaaaaaaa…                          │
 │   ## cipher suites · SNI localhost                                         │
 │   key share X25519MLKEM768, x25519                                         │
 │                                                                            │
 │                                                  0 ms, 2 records, ## bytes │
 │ ◀─────────────────────────────────────────────────────── HelloRetryRequest │
 │                       TLS_CHACHA20_POLY1305_SHA256 · key share secp384r1   │
 │ ◀──────────────────────────────────────────────────────── ChangeCipherSpec │
 │                                                                            │
 │ 10 ms, 2 records, ### bytes                                                │
 │ ChangeCipherSpec ────────────────────────────────────────────────────────▶ │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.3, TLSv1.2 · session id aaaaaaaaaaaaaaaa…                          │
 │   ## cipher suites · SNI localhost · key share secp384r1                   │
 │                                                                            │
 │                                                20 ms, 5 records, ### bytes │
 │ ◀───────────────────────────────────────────────────────────── ServerHello │
 │             TLSv1.3 · TLS_CHACHA20_POLY1305_SHA256 · key share secp384r1   │
 │ ◀═════════════════════════════════════════════════════ EncryptedExtensions │
 │ ◀═════════════════════════════════════════════════════════════ Certificate │
 │                                                  CN=localhost, ### bytes   │
 │ ◀═══════════════════════════════════════════════════════ CertificateVerify │
 │                                                   ecdsa_secp256r1_sha256   │
 │ ◀════════════════════════════════════════════════════════════════ Finished │
 │                                                                            │
 │ 30 ms, 1 record, ## bytes                                                  │
 │ Finished ════════════════════════════════════════════════════════════════▶ │
 │                                                                            │
 │                                                40 ms, 2 records, ### bytes │
 │ ◀════════════════════════════════════════════════════════ NewSessionTicket │
 │                           ticket #bbbbbbbb (### bytes) · lifetime 7200 s   │
 │ ◀════════════════════════════════════════════════════════ NewSessionTicket │
 │                           ticket #cccccccc (### bytes) · lifetime 7200 s   │

TLSv1.3, TLS_CHACHA20_POLY1305_SHA256, secp384r1
client: open, not resumed: none-offered
server: open, not resumed: none-offered
seed: "traced"
`,
    );
  });

  it("a client's certificate", () => {
    const ladder = ladderOf({
      server: { clientAuth: "require", caCerts: [lab.cert] },
      client: { cert: lab.cert, key: lab.key },
    });
    assertEquals(
      ladder,
      `
client                                                                    server
 │                                                                            │
 │ 0 ms, 1 record, #### bytes                                                 │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.3, TLSv1.2 · session id aaaaaaaaaaaaaaaa…                          │
 │   ## cipher suites · SNI localhost                                         │
 │   key share X25519MLKEM768, x25519                                         │
 │                                                                            │
 │                                                0 ms, 7 records, #### bytes │
 │ ◀───────────────────────────────────────────────────────────── ServerHello │
 │                                   TLSv1.3 · TLS_CHACHA20_POLY1305_SHA256   │
 │                                                 key share X25519MLKEM768   │
 │ ◀──────────────────────────────────────────────────────── ChangeCipherSpec │
 │ ◀═════════════════════════════════════════════════════ EncryptedExtensions │
 │ ◀══════════════════════════════════════════════════════ CertificateRequest │
 │                                                          trusts 1 issuer   │
 │ ◀═════════════════════════════════════════════════════════════ Certificate │
 │                                                  CN=localhost, ### bytes   │
 │ ◀═══════════════════════════════════════════════════════ CertificateVerify │
 │                                                   ecdsa_secp256r1_sha256   │
 │ ◀════════════════════════════════════════════════════════════════ Finished │
 │                                                                            │
 │ 10 ms, 4 records, ### bytes                                                │
 │ ChangeCipherSpec ────────────────────────────────────────────────────────▶ │
 │ Certificate ═════════════════════════════════════════════════════════════▶ │
 │   CN=localhost, ### bytes                                                  │
 │ CertificateVerify ═══════════════════════════════════════════════════════▶ │
 │   ecdsa_secp256r1_sha256                                                   │
 │ Finished ════════════════════════════════════════════════════════════════▶ │
 │                                                                            │
 │                                               20 ms, 2 records, #### bytes │
 │ ◀════════════════════════════════════════════════════════ NewSessionTicket │
 │                           ticket #bbbbbbbb (### bytes) · lifetime 7200 s   │
 │ ◀════════════════════════════════════════════════════════ NewSessionTicket │
 │                           ticket #cccccccc (### bytes) · lifetime 7200 s   │

TLSv1.3, TLS_CHACHA20_POLY1305_SHA256, X25519MLKEM768
client: open, not resumed: none-offered
server: open, not resumed: none-offered
seed: "traced"
`,
    );
  });

  it("a full handshake of TLS 1.2", () => {
    assertEquals(
      ladderOf({ client: TLS12 }),
      `
client                                                                    server
 │                                                                            │
 │ 0 ms, 1 record, ### bytes                                                  │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.2 · ## cipher suites · SNI localhost                               │
 │                                                                            │
 │                                                 0 ms, 4 records, ### bytes │
 │ ◀───────────────────────────────────────────────────────────── ServerHello │
 │                  TLSv1.2 · TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256   │
 │ ◀───────────────────────────────────────────────────────────── Certificate │
 │                                                  CN=localhost, ### bytes   │
 │ ◀─────────────────────────────────────────────────────── ServerKeyExchange │
 │                                          x25519 · ecdsa_secp256r1_sha256   │
 │ ◀───────────────────────────────────────────────────────── ServerHelloDone │
 │                                                                            │
 │ 10 ms, 3 records, ## bytes                                                 │
 │ ClientKeyExchange ───────────────────────────────────────────────────────▶ │
 │ ChangeCipherSpec ────────────────────────────────────────────────────────▶ │
 │ Finished ════════════════════════════════════════════════════════════════▶ │
 │                                                                            │
 │                                                20 ms, 3 records, ### bytes │
 │ ◀──────────────────────────────────────────────────────── NewSessionTicket │
 │                           ticket #aaaaaaaa (### bytes) · lifetime 7200 s   │
 │ ◀──────────────────────────────────────────────────────── ChangeCipherSpec │
 │ ◀════════════════════════════════════════════════════════════════ Finished │

TLSv1.2, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, x25519
client: open, not resumed: none-offered
server: open, not resumed: none-offered
seed: "traced"
`,
    );
  });

  it("a session that TLS 1.2 resumes by ticket", () => {
    const server = lab.server();
    const session = lab.session(server, TLS12);
    const ladder = ladderOf({ client: TLS12, engine: { session } }, server);
    assertEquals(
      ladder,
      `
client                                                                    server
 │                                                                            │
 │ 0 ms, 1 record, ### bytes                                                  │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.2 · session id aaaaaaaaaaaaaaaa… · ## cipher suites                │
 │   SNI localhost · offers ticket #bbbbbbbb (### bytes)                      │
 │                                                                            │
 │                                                 0 ms, 3 records, ### bytes │
 │ ◀───────────────────────────────────────────────────────────── ServerHello │
 │                  TLSv1.2 · TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256   │
 │                                             session id aaaaaaaaaaaaaaaa…   │
 │ ◀──────────────────────────────────────────────────────── ChangeCipherSpec │
 │ ◀════════════════════════════════════════════════════════════════ Finished │
 │                                                                            │
 │ 10 ms, 2 records, ## bytes                                                 │
 │ ChangeCipherSpec ────────────────────────────────────────────────────────▶ │
 │ Finished ════════════════════════════════════════════════════════════════▶ │

TLSv1.2, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, x25519
client: open, resumed from session
server: open, resumed from ticket
seed: "traced"
`,
    );
  });

  it("a session that TLS 1.2 resumes by id", () => {
    const server = lab.server({ tickets: "stateful" });
    const session = lab.session(server, TLS12);
    const ladder = ladderOf({ client: TLS12, engine: { session } }, server);
    assertEquals(
      ladder,
      `
client                                                                    server
 │                                                                            │
 │ 0 ms, 1 record, ### bytes                                                  │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.2 · session id aaaaaaaaaaaaaaaa… · ## cipher suites                │
 │   SNI localhost                                                            │
 │                                                                            │
 │                                                 0 ms, 3 records, ### bytes │
 │ ◀───────────────────────────────────────────────────────────── ServerHello │
 │                  TLSv1.2 · TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256   │
 │                                             session id aaaaaaaaaaaaaaaa…   │
 │ ◀──────────────────────────────────────────────────────── ChangeCipherSpec │
 │ ◀════════════════════════════════════════════════════════════════ Finished │
 │                                                                            │
 │ 10 ms, 2 records, ## bytes                                                 │
 │ ChangeCipherSpec ────────────────────────────────────────────────────────▶ │
 │ Finished ════════════════════════════════════════════════════════════════▶ │

TLSv1.2, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, x25519
client: open, resumed from session
server: open, resumed from internal
seed: "traced"
`,
    );
  });

  it("an alert, and what was not received", () => {
    const ladder = ladderOf({ engine: { hostname: "example.com" } });
    assertEquals(
      ladder,
      `
client                                                                    server
 │                                                                            │
 │ 0 ms, 1 record, #### bytes                                                 │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.3, TLSv1.2 · session id aaaaaaaaaaaaaaaa…                          │
 │   ## cipher suites · SNI example.com                                       │
 │   key share X25519MLKEM768, x25519                                         │
 │                                                                            │
 │                                                0 ms, 6 records, #### bytes │
 │ ◀───────────────────────────────────────────────────────────── ServerHello │
 │                                   TLSv1.3 · TLS_CHACHA20_POLY1305_SHA256   │
 │                                                 key share X25519MLKEM768   │
 │ ◀──────────────────────────────────────────────────────── ChangeCipherSpec │
 │ ◀═════════════════════════════════════════════════════ EncryptedExtensions │
 │ ◀═════════════════════════════════════════════════════════════ Certificate │
 │                                                  CN=localhost, ### bytes   │
 │ ✗╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ CertificateVerify (not received) │
 │                                                   ecdsa_secp256r1_sha256   │
 │ ✗╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ Finished (not received) │
 │                                                                            │
 │ 10 ms, 1 record, # bytes                                                   │
 │ !! fatal alert: bad_certificate ─────────────────────────────────────────▶ │

client: failed: Cannot trust the peer's certificate: hostname mismatch: expected
example.com, but it is for DNS:localhost: certificate verify failed
server: failed: Cannot complete the handshake: ssl/tls alert bad certificate:
SSL alert number 42
seed: "traced"
`,
    );
  });

  it("application data, its records in one line", () => {
    using traced = lab.connect();
    traced.client.write(new Uint8Array(40_000));
    traced.exchange();
    traced.client.close();
    traced.exchange();
    const end = masked(traced.trace.toLadder()).split("\n").slice(-11, -5);
    assertEquals(
      `\n${end.join("\n")}\n`,
      `
 │                           ticket #cccccccc (### bytes) · lifetime 7200 s   │
 │                                                                            │
 │ 40 ms, 4 records, ##### bytes                                              │
 │ 3 × application data ════════════════════════════════════════════════════▶ │
 │   ##### bytes, encrypted                                                   │
 │ alert: close_notify ═════════════════════════════════════════════════════▶ │
`,
    );
  });

  it("what was altered in transit, and what was said about it", () => {
    const ladder = ladderOf({
      client: TLS12,
      meddler: (from, bytes) => {
        if (from === "client" || bytes.length < 100) {
          return { bytes, status: "delivered" };
        }
        // The server selects another cipher suite, it seems.
        return {
          bytes: bytes.with(44, 0xc0).with(45, 0x2b),
          status: "corrupted",
        };
      },
    });
    assertEquals(
      ladder,
      `
client                                                                    server
 │                                                                            │
 │ 0 ms, 1 record, ### bytes                                                  │
 │ ClientHello ─────────────────────────────────────────────────────────────▶ │
 │   TLSv1.2 · ## cipher suites · SNI localhost                               │
 │                                                                            │
 │                                       0 ms, 4 records, ### bytes corrupted │
 │ ◀──────────────────────────────────────── ServerHello (altered in transit) │
 │                  TLSv1.2 · TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256   │
 │                                            read as ServerHello: TLSv1.2,   │
 │                                  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256   │
 │ ◀───────────────────────────────────────────────────────────── Certificate │
 │                                                  CN=localhost, ### bytes   │
 │ ◀─────────────────────────────────────────────────────── ServerKeyExchange │
 │                                          x25519 · ecdsa_secp256r1_sha256   │
 │ ◀───────────────────────────────────────────────────────── ServerHelloDone │
 │                                                                            │
 │ 10 ms, 3 records, ## bytes                                                 │
 │ ClientKeyExchange ───────────────────────────────────────────────────────▶ │
 │ ChangeCipherSpec (not received) ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌✗ │
 │ Finished (not received) ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌✗ │
 │                                                                            │
 │                                                   20 ms, 1 record, # bytes │
 │ ◀────────────────────────────────────────── !! fatal alert: bad_record_mac │

client: failed: Cannot complete the handshake: ssl/tls alert bad record mac: SSL
alert number 20
server: failed: Cannot complete the handshake: decryption failed or bad record
mac; record layer failure
seed: "traced"
`,
    );
  });
});

describe("Trace.toLadder()", () => {
  it("takes notes of any length and content", () => {
    using traced = lab.open();
    traced.recorder.note(`${"long ".repeat(30)}\x1b[31m\n${"z".repeat(200)}`);
    traced.recorder.note("");
    const ladder = traced.trace.toLadder({ width: 40 });
    for (const line of ladder.split("\n")) assert(line.length <= 40, line);
    assertEquals(ladder.includes("\x1b"), false);
    assertEquals(ladder.match(/long/g)?.length, 30);
    assertEquals(ladder.replaceAll(/[^z]/g, "").length, 200);
  });

  it("has colours if asked", () => {
    using traced = lab.connect({ engine: { hostname: "example.com" } });
    const { trace } = traced;
    const colored = trace.toLadder({ color: true });
    // deno-lint-ignore no-control-regex
    assertEquals(colored.replaceAll(/\x1b\[[\d;]+m/g, ""), trace.toLadder());
    assert(colored.includes("\x1b[1;31m!! fatal alert: bad_certificate"));
    assertEquals(trace.toLadder().includes("\x1b"), false);
  });

  it("is as wide as it is told", () => {
    using traced = lab.connect();
    for (const width of [40, 60, 120]) {
      const lines = traced.trace.toLadder({ width }).split("\n");
      assertEquals(Math.max(...lines.map(({ length }) => length)), width);
    }
    for (const width of [39, 80.5, NaN]) {
      assertThrows(
        () => traced.trace.toLadder({ width }),
        RangeError,
        `options.width must be a whole number of at least 40, received ${width}`,
      );
    }
  });

  it("is what a trace is as text", () => {
    using traced = lab.connect();
    assertEquals(`${traced.trace}`, traced.trace.toLadder());
  });

  it("is empty but for its heads when nothing was taken down", () => {
    const { trace } = new TraceRecorder();
    assertEquals(trace.toLadder(), `client${" ".repeat(68)}server\n`);
  });
});
