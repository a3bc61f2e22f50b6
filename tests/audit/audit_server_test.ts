/** Audits over TCP and over transports, and their options. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { listenTls, TlsError } from "@sesame/tls";
import { auditServer, type AuditServerOptions } from "@sesame/tls/audit";
import { createTestCertificate } from "@sesame/tls/testing";
import { findingsOf } from "./findings_of.ts";
import { LibsslServer, PKI } from "./wrong/libssl_server.ts";

const CERTIFICATE = createTestCertificate();

/** A server on loopback that answers anything by HTTP, and ends the connection. */
function serve(): Disposable & { port: number } {
  const listener = listenTls({
    port: 0,
    hostname: "127.0.0.1",
    ...CERTIFICATE,
  });
  const answer = new TextEncoder().encode(
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
  );
  (async () => {
    for await (const socket of listener) {
      (async () => {
        const reader = socket.readable.getReader();
        const { done } = await reader.read();
        const writer = socket.writable.getWriter();
        if (!done) await writer.write(answer);
        await writer.close();
      })().catch(() => {});
    }
  })();
  return {
    port: listener.addr.port,
    [Symbol.dispose]: () => listener.close(),
  };
}

describe("auditServer", () => {
  it("audits a server over TCP", async () => {
    using server = serve();
    const { port } = server;
    const audit = auditServer({
      hostname: "127.0.0.1",
      port,
      probes: ["behaviour/kinds", "behaviour/renewal"],
    });
    assertEquals((await audit.plan()).nodes, [`127.0.0.1:${port}`]);
    for (let times = 0; times < 2; times++) {
      const findings = await Array.fromAsync(audit);
      assertEquals(
        findings.map(({ kind, verdict }) => [kind, verdict]),
        [[null, "pass"], ["tls1.2-ticket", "pass"], ["tls1.3", "pass"]],
      );
    }
  });

  it("takes nodes with ports and without", async () => {
    using one = serve();
    using other = serve();
    const audit = auditServer({
      hostname: "localhost",
      port: one.port,
      nodes: ["127.0.0.1", `127.0.0.1:${other.port}`],
      probes: ["behaviour/nodes"],
    });
    const verdicts = (await Array.fromAsync(audit)).map(({ kind, verdict }) => [
      kind,
      verdict,
    ]);
    assertEquals(verdicts, [
      ["tls1.2-id", "not applicable"],
      // They have ticket keys of their own.
      ["tls1.2-ticket", "warn"],
      ["tls1.3", "warn"],
    ]);
  });

  it("throws what connecting fails with", async () => {
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = listener.addr;
    listener.close();
    const audit = auditServer({ hostname: "127.0.0.1", port });
    await assertRejects(
      () => Array.fromAsync(audit),
      Deno.errors.ConnectionRefused,
      `Cannot connect to 127.0.0.1:${port}`,
    );
  });

  it("throws if no handshake completes, and says what is missing", async () => {
    using server = new LibsslServer({ trust: [PKI.ca.cert] });
    const error = await assertRejects(
      () => findingsOf(server, "behaviour"),
      TlsError,
      "it requested a client certificate, which the options cert and key give",
    );
    assertEquals(error.code, "handshake");
    assertEquals(error.alert, "certificate required");
    const { cert, key } = PKI.untrusted;
    await assertRejects(
      () => findingsOf(server, "behaviour", { cert, key }),
      TlsError,
      "give one that it accepts",
    );
  });

  it("shows client certificates", async () => {
    using server = new LibsslServer({ trust: [PKI.ca.cert] });
    const { cert, key } = PKI.client;
    const [finding] = await findingsOf(server, "behaviour/kinds", {
      cert: String(cert),
      key: String(key),
    });
    assertEquals(finding?.verdict, "pass");
  });

  it("refuses bad options, and says what was meant", () => {
    const hostname = "localhost";
    const cases: [Record<string, unknown>, RegExp][] = [
      [{}, /options.hostname must be a host name/],
      [{ hostname, host: "x" }, /options.host is not an option .*hostname/],
      [{ hostname, port: 70_000 }, /options.port must be/],
      [{ hostname, probes: ["isolatoin"] }, /did you mean isolation\?/],
      [
        { hostname, probes: ["behaviour/kinds", "renewel"] },
        /options.probes\[1\] .*did you mean behaviour\/renewal\?/,
      ],
      [{ hostname, probes: "isolation" }, /options.probes must be an array/],
      [{ hostname, names: [] }, /options.names must have one name, or two/],
      [{ hostname, names: ["a", "b", "c"] }, /options.names must have one/],
      [{ hostname, names: ["a\r\nb"] }, /options.names\[0\] must be a host/],
      [{ hostname, names: ["a", "A"] }, /options.names\[1\] must differ/],
      [
        { hostname, nodes: ["127.1", "::1", "127.0.0.1:443"] },
        /options.nodes\[2\] must differ .* "127.0.0.1:443" again/,
      ],
      [
        { hostname, connect: () => {}, nodes: ["a", "a"] },
        /options.nodes\[1\] must differ/,
      ],
      [{ hostname, nodes: 0 }, /options.nodes must be an array/],
      [{ hostname, passphrase: 1 }, /options.passphrase must be a string/],
      [{ hostname, maxDuration: 0 }, /options.maxDuration must be/],
      [{ hostname, timeout: null }, /options.timeout must be/],
      [{ hostname, samples: null }, /options.samples must be/],
      [{ hostname, names: [""] }, /options.names\[0\] must be a string/],
      [{ hostname, cert: "x" }, /options.key must be given with options.cert/],
      [
        { hostname, otherKey: "x" },
        /options.otherCert must be given with options.otherKey/,
      ],
      [{ hostname, nodes: [] }, /options.nodes must have at least one node/],
      [{ hostname, nodes: ["a:b"] }, /options.nodes\[0\] must be a host/],
      [{ hostname, nodes: ["a:70000"] }, /options.nodes\[0\] must be a host/],
      [{ hostname, starttls: "gopher" }, /options.starttls must be "smtp" or/],
      [{ hostname, connect: 1 }, /options.connect must be a function/],
      [{ hostname, change: 1 }, /options.change must be a function or/],
      [{ hostname, change: { ca: 1 } }, /options.change.ca is not a change/],
      [{ hostname, change: { restart: 1 } }, /options.change.restart must be/],
      [{ hostname, timeout: 0 }, /options.timeout must be/],
      [{ hostname, silence: 0 }, /options.silence must be/],
      [{ hostname, samples: 1 }, /options.samples must be .* 2 to 100/],
      [{ hostname, concurrency: 99 }, /options.concurrency must be .* 1 to 16/],
      [{ hostname, clock: Date }, /options.clock must be a VirtualClock/],
      [{ hostname, seed: NaN }, /options.seed must be a string or a finite/],
      [{ hostname, signal: 1 }, /options.signal must be an AbortSignal/],
      [{ hostname, onProgress: 1 }, /options.onProgress must be a function/],
      [{ hostname, request: 1 }, /options.request must be a string or bytes/],
      [{ hostname, alpnProtocols: [""] }, /options.alpnProtocols\[0\] must be/],
    ];
    const { cert, key } = CERTIFICATE;
    const otherKey = createTestCertificate().key;
    cases.push(
      [{ hostname, cert: 1, key }, /options.cert must be a string/],
      [{ hostname, cert, key: "x" }, /options.key/],
      [{ hostname, cert, key: otherKey }, /options.key: .*options.cert/],
      [{ hostname, otherCert: "x", otherKey }, /options.otherCert/],
      [{ hostname, otherCert: cert, otherKey }, /options.otherKey/],
      [
        { hostname, cert, key, otherCert: `# again\n${cert}`, otherKey: key },
        /options.otherCert must be another certificate than options.cert$/,
      ],
    );
    for (const [options, message] of cases) {
      const error = assertThrows(() =>
        auditServer(options as AuditServerOptions)
      );
      assert(
        error instanceof TypeError || error instanceof RangeError ||
          (error instanceof TlsError && error.code === "certificate"),
      );
      assert(message.test(error.message), error.message);
    }
  });
});
