import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type TlsContextOptions, TlsEngine, TlsError } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate, exchange } from "../../support/engines.ts";
import {
  decode,
  encode,
  SANITIZED,
  Site,
  VERSIONS,
  visitOf,
} from "../../support/site.ts";

const person = createTestCertificate({ hosts: ["person"] });
const stranger = createTestCertificate({ hosts: ["stranger"] });

/** A client's context options, with a certificate to show. */
function showing(cert: TlsContextOptions): TlsContextOptions {
  return { ...cert, caCerts: [certificate.cert] };
}

describe("A key log", SANITIZED, () => {
  const LABELS: Record<string, [label: string, bytes: number][]> = {
    "TLSv1.2": [["CLIENT_RANDOM", 48]],
    "TLSv1.3": [
      ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", 32],
      ["CLIENT_TRAFFIC_SECRET_0", 32],
      ["EXPORTER_SECRET", 32],
      ["SERVER_HANDSHAKE_TRAFFIC_SECRET", 32],
      ["SERVER_TRAFFIC_SECRET_0", 32],
    ],
  };
  for (const version of VERSIONS) {
    it(`is in SSLKEYLOGFILE format, the same at both ends (${version})`, async () => {
      using site = new Site();
      const logs: { client: string[]; server: string[] } = {
        client: [],
        server: [],
      };
      const server = site.context({
        configure: [["Ciphersuites", "TLS_AES_128_GCM_SHA256"]],
        keyLog: (line) => logs.server.push(line),
      });
      await site.resume(server, {
        version,
        client: { keyLog: (line) => logs.client.push(line) },
      });
      assertEquals(logs.client.sort(), logs.server.sort());
      const randoms = new Set<string | undefined>();
      const labels = logs.server.map((line) => {
        assertMatch(line, /^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]+$/);
        const [label = "", random, secret = ""] = line.split(" ");
        randoms.add(random);
        return [label, secret.length / 2];
      });
      assertEquals(labels, LABELS[version]);
      assertEquals(randoms.size, 1);
    });
  }

  it("has what early data is encrypted by", async () => {
    using site = new Site();
    const labels = new Set<string | undefined>();
    const server = site.server({
      singleUse: true,
      maxEarlyData: 100,
      keyLog: (line) => labels.add(line.split(" ")[0]),
    });
    const session = await site.session(server);
    await site.resume(server, { session, earlyData: encode("early") });
    assert(labels.has("CLIENT_EARLY_TRAFFIC_SECRET"));
  });

  it("must be a function", () => {
    using site = new Site();
    assertThrows(
      () => site.context({ keyLog: "file.txt" as unknown as () => void }),
      TypeError,
      "options.keyLog",
    );
  });
});

describe("updateKeys()", SANITIZED, () => {
  it("changes the keys of one direction, as often as one likes", async () => {
    using site = new Site();
    using visit = await site.visit(site.context());
    const { client, server } = visit;
    for (
      const [from, to] of [[client, server], [server, client], [client, server]]
    ) {
      assert(from && to);
      const before = from.exportKeyingMaterial(32, "label");
      from.write(encode("before "));
      from.updateKeys();
      from.write(encode("after"));
      assert(to.send().length === 0);
      to.receive(from.send());
      assertEquals(decode(to.read()), "before after");
      assertEquals(to.exportKeyingMaterial(32, "label"), before);
    }
    server.write(encode("still here"));
    exchange(visit);
    assertEquals(decode(client.read()), "still here");
  });

  it("is for TLS 1.3, after the handshake", async () => {
    using site = new Site();
    const context = site.context();
    using ends = site.ends(context);
    for (const engine of [ends.client, ends.server]) {
      const error = assertThrows(() => engine.updateKeys(), TlsError);
      assertEquals(error.code, "protocol");
    }
    exchange(ends);
    visitOf(ends);
    using old = await site.visit(context, { version: "TLSv1.2" });
    const error = assertThrows(() => old.client.updateKeys(), TlsError);
    assertEquals(error.code, "protocol");
    old.client.write(encode("unharmed"));
    exchange(old);
    assertEquals(decode(old.server.read()), "unharmed");
  });
});

describe("exportKeyingMaterial()", SANITIZED, () => {
  for (const version of VERSIONS) {
    it(`gives both ends the same, for each connection another (${version})`, async () => {
      using site = new Site();
      const server = site.context();
      using one = await site.visit(server, { version });
      using two = await site.visit(server, { version, session: one.session });
      const context = encode("context");
      const arguments_: [number, string, Uint8Array | null][] = [
        [32, "EXPORTER-one", null],
        [32, "EXPORTER-two", null],
        [32, "EXPORTER-one", context],
        [48, "EXPORTER-one", null],
        [1, "EXPORTER-one", null],
      ];
      const seen = new Set<string>();
      for (const visit of [one, two]) {
        for (const [length, label, context] of arguments_) {
          const [ours, theirs] = [visit.client, visit.server].map((engine) =>
            engine.exportKeyingMaterial(length, label, context)
          );
          assert(ours && theirs);
          assertEquals(ours, theirs);
          assertEquals(ours.length, length);
          if (length > 1) seen.add(ours.join());
        }
      }
      assertEquals(seen.size, 8);
    });
  }

  it("has nothing to give before the handshake is done", () => {
    using site = new Site();
    using server = new TlsEngine(site.context(), { role: "server" });
    const error = assertThrows(
      () => server.exportKeyingMaterial(32, "EXPORTER-one"),
      TlsError,
    );
    assertEquals(error.code, "protocol");
  });
});

for (const version of VERSIONS) {
  describe(`Client authentication over ${version}`, SANITIZED, () => {
    const asking = (
      clientAuth: "none" | "request" | "require",
    ): TlsContextOptions => ({
      clientAuth,
      caCerts: [person.cert],
    });

    for (const clientAuth of ["request", "require"] as const) {
      it(`"${clientAuth}" says who the client is, resumed or not`, async () => {
        using site = new Site();
        const server = site.server(asking(clientAuth));
        using visit = await site.visit(server, {
          version,
          client: showing(person),
        });
        const { peerCertificate } = visit.server.info ?? {};
        assertEquals(peerCertificate?.subject, "CN=person");
        assertEquals(
          visit.client.info?.peerCertificate?.subject,
          "CN=localhost",
        );
        const { session } = visit;
        using again = await site.visit(server, { version, session });
        assertEquals(again.resumption.resumed, true);
        assertEquals(again.server.info?.peerCertificate, peerCertificate);
      });

      it(`"${clientAuth}" doesn't take a stranger's certificate`, () => {
        using site = new Site();
        const server = site.server(asking(clientAuth));
        using ends = site.ends(server, { version, client: showing(stranger) });
        const error = assertThrows(() => exchange(ends), TlsError);
        assertEquals(error.code, "certificate");
        assertEquals(ends.server.state, "failed");
        assertEquals(site.store.of("set"), []);
      });
    }

    it('"require" doesn\'t take none', () => {
      using site = new Site();
      using ends = site.ends(site.server(asking("require")), { version });
      const error = assertThrows(() => exchange(ends), TlsError);
      assertEquals(error.reason, "peer did not return a certificate");
      assertEquals(
        error.alert,
        version === "TLSv1.3" ? "certificate required" : "handshake failure",
      );
      assertEquals(site.store.of("set"), []);
    });

    it('"request" takes none, and "none" doesn\'t ask', async () => {
      using site = new Site();
      for (
        const [clientAuth, client] of [["request", {}], [
          "none",
          showing(person),
        ]] as const
      ) {
        using visit = await site.visit(
          site.server(asking(clientAuth)),
          { version, client },
        );
        assertEquals(visit.server.info?.peerCertificate, null);
      }
    });

    it("must be verifiable", () => {
      using site = new Site();
      for (const clientAuth of ["request", "require"] as const) {
        assertThrows(() => site.context({ clientAuth }), TypeError, "caCerts");
      }
      assertNotEquals(certificate.cert, person.cert);
    });
  });
}
