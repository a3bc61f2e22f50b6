import {
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { TlsError } from "../../src/internal/tls_error.ts";
import { OpenSSL } from "../../src/libssl/openssl.ts";
import type { TestCertificate } from "../../src/testing/certificate.ts";
import { createTestPki, type TestPki } from "../../src/testing/pki.ts";
import { TlsContext } from "../../src/tls/context/context.ts";
import { connected, type Ends, endsOf, exchange } from "../support/engines.ts";
import { listen } from "../support/listeners.ts";
import { run } from "../support/programs.ts";

const START = Date.UTC(2031, 1, 2, 3, 4, 5);

const PRINT = fileURLToPath(
  new URL("../testdata/testing_pki.ts", import.meta.url),
);

const GOOD = ["server", "client", "unknownRevocation"] as const;

/** What a client of OpenSSL finds wrong with each, and the alert that it sends. */
const BAD = {
  expired: ["certificate has expired", "certificate expired"],
  notYetValid: ["certificate is not yet valid", "bad certificate"],
  wrongHost: ["hostname mismatch", "bad certificate"],
  wrongUsage: ["unsuitable certificate purpose", "unsupported certificate"],
  untrusted: ["unable to get local issuer certificate", "unknown CA"],
  selfSigned: ["self-signed certificate", "unknown CA"],
  notCa: ["invalid CA certificate", "unknown CA"],
} as const;

const NAMES = [
  "ca",
  "otherCa",
  "intermediate",
  ...GOOD,
  ...Object.keys(BAD) as (keyof typeof BAD)[],
] as const;

type Name = typeof NAMES[number];

describe("createTestPki", () => {
  for (
    const [keyType, names] of Object.entries({
      "P-256": NAMES,
      "Ed25519": NAMES,
      "RSA-2048": ["ca"],
    })
  ) {
    it(`makes the same of a seed in two processes, byte by byte: ${keyType}`, async () => {
      const printed = await Promise.all(
        ["one", "one", "two"].map((seed) => print(seed, keyType, names)),
      );
      const [one = [], same, other = []] = printed;
      assertEquals(one.length, names.length + 1);
      assertEquals(one, same);
      const keys = [...one, ...other].map(({ key }) => key);
      assertEquals(new Set(keys).size, keys.length);
    });
  }

  it("makes the same in whatever order", () => {
    const [one, other] = [pkiOf("order"), pkiOf("order")];
    const forwards = NAMES.map((name) => [name, one[name]]);
    const backwards = NAMES.toReversed().map((name) => [name, other[name]]);
    assertEquals(forwards, backwards.toReversed());
  });

  it("makes each once, and tells its seed", () => {
    const pki = createTestPki({ seed: 7 });
    assertEquals(pki.seed, "7");
    assertStrictEquals(pki.server, pki.server);
    const drawn = createTestPki({ now: () => START });
    assertEquals(pkiOf(drawn.seed).server, drawn.server);
    assertNotEquals(createTestPki().seed, drawn.seed);
  });

  it("takes no option that isn't one", () => {
    const make = (options: object) => () => createTestPki(options);
    assertThrows(make({ sede: 1 }), TypeError, "options.sede is not an option");
    assertThrows(make({ seed: {} }), TypeError, "seed must be");
    assertThrows(make({ keyType: "DSA" }), TypeError, "options.keyType must");
    assertThrows(make({ hosts: [] }), TypeError, "options.hosts must");
    assertThrows(make({ hosts: ["a,b"] }), TypeError, "options.hosts[0] must");
    assertThrows(make({ now: START }), TypeError, "options.now must be a func");
  });
});

describe("the certificates of a PKI", () => {
  const pki = pkiOf("peers");
  const instance = (): OpenSSL => new OpenSSL({ clock: () => START });

  for (const keyType of ["P-256", "Ed25519"] as const) {
    it(`let a client and a server trust each other: ${keyType}`, () => {
      const hosts = ["localhost", "*.example.com", "127.0.0.1", "::1"];
      const pki = createTestPki({ seed: 1, keyType, hosts, now: () => START });
      const openssl = instance();
      const caCerts = [pki.ca.cert];
      using server = new TlsContext({
        openssl,
        ...pki.server,
        caCerts,
        clientAuth: "require",
      });
      using client = new TlsContext({ openssl, ...pki.client, caCerts });
      for (const hostname of ["localhost", "a.example.com", "::1"]) {
        using ends = connected(server, client, { hostname });
        assertEquals(ends.server.state, "open");
      }
    });
  }

  for (const [name, [reason, alert]] of Object.entries(BAD)) {
    it(`are refused by a client: ${name}`, () => {
      using ends = visit(pki[name as Name]);
      const error = assertThrows(() => exchange(ends), TlsError, reason);
      assertEquals(error.code, "certificate");
      assertThrows(() => ends.server.receive(ends.client.send()), TlsError);
      assertEquals(ends.server.error?.alert, alert);
    });
  }

  it("are taken by a client that trusts the other root", () => {
    using ends = visit(pki.untrusted, pki.otherCa);
    exchange(ends);
    assertEquals(ends.client.state, "open");
  });

  it("are taken by Deno's own client, or refused", async () => {
    const real = createTestPki({ hosts: ["localhost", "127.0.0.1"] });
    for (
      const name of [
        "server",
        "unknownRevocation",
        ...Object.keys(BAD),
      ] as Name[]
    ) {
      const { listener } = listen(real[name]);
      const { hostname, port } = listener.addr;
      const conn = await Deno.connect({ hostname, port });
      const caCerts = [real.ca.cert];
      const tls = await Deno.startTls(conn, { hostname: "localhost", caCerts });
      const outcome = await tls.handshake().then(
        () => "taken",
        () => "refused",
      );
      assertEquals(outcome, name in BAD ? "refused" : "taken", name);
      tls.close();
      listener.close();
    }
  });

  function visit({ cert, key }: TestCertificate, ca = pki.ca): Ends {
    const openssl = instance();
    return endsOf(
      new TlsContext({ openssl, cert, key }),
      new TlsContext({ openssl, caCerts: [ca.cert] }),
    );
  }
});

function pkiOf(seed: string): TestPki {
  return createTestPki({ seed, now: () => START });
}

async function print(
  seed: string,
  keyType: string,
  names: readonly string[],
): Promise<TestCertificate[]> {
  const { code, stdout, stderr } = await run(Deno.execPath(), [
    "run",
    "--allow-read",
    PRINT,
    seed,
    keyType,
    String(START),
    ...names,
  ]);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}
