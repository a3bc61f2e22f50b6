/** What one peer may ask of a connection, attacked: floods end, and cost no more than an honest handshake. */
import { SSL_OP_NO_RENEGOTIATION } from "../../../src/libssl/constants.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  OpenSSL,
  TlsContext,
  TlsEngine,
  TlsError,
} from "@sesame/tls";
import type { TlsContextOptions } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { connections } from "../../../src/tls/engine/connection.ts";
import { certificate } from "../../support/engines.ts";
import { Folder } from "../../support/temp_folder.ts";
import { describeWith, start } from "../../support/programs.ts";
import { RecordSealer } from "../../support/record_sealer.ts";

const HANDSHAKE = 22;
const ALERT = 21;
const APPLICATION_DATA = 23;
const FLOOD_BYTES = 16_384;

/** An engine under attack by another of its own instance, and what both have said. */
class Siege implements Disposable {
  readonly victim: TlsEngine;
  readonly attacker: TlsEngine;
  /** Seals records of the attacker's, of TLS 1.3. */
  readonly sealer: RecordSealer;
  /** How long the victim took for the handshake. */
  readonly handshakeTime: number;
  now = 1_800_000_000_000;
  readonly #instances = [0, 1].map(() =>
    new OpenSSL({ clock: () => this.now })
  );

  constructor(
    role: "client" | "server",
    options: TlsContextOptions = {},
    victimOptions: TlsContextOptions = {},
  ) {
    const secrets = new Map<string, string>();
    const shared = { ...certificate, caCerts: [certificate.cert] };
    const suites: [string, string][] = [
      ["Ciphersuites", "TLS_AES_128_GCM_SHA256"],
    ];
    const [ours, theirs] = this.#instances.map((openssl, i) =>
      new TlsContext({
        ...shared,
        ...options,
        ...(i === 0 && victimOptions),
        configure: [...suites, ...(options.configure ?? [])],
        openssl,
        keyLog: (line) => {
          const [label = "", , secret = ""] = line.split(" ");
          secrets.set(label, secret);
        },
      })
    ) as [TlsContext, TlsContext];
    const other = role === "client" ? "server" : "client";
    this.victim = engineOf(ours, role);
    this.attacker = engineOf(theirs, other);
    const before = performance.now();
    this.exchange();
    this.handshakeTime = performance.now() - before;
    this.sealer = new RecordSealer(
      secrets.get(`${other.toUpperCase()}_TRAFFIC_SECRET_0`) ?? "",
    );
    // A server has sealed two tickets with it already.
    if (role === "client") [1, 2].map(() => this.sealed(ALERT, []));
  }

  /** Carries bytes to and fro. */
  exchange(): void {
    for (let i = 0; i < 5; i++) {
      const { attacker, victim } = this;
      for (
        const [from, to] of [[victim, attacker], [attacker, victim]] as const
      ) {
        const bytes = from.send();
        if (bytes.length > 0) to.receive(bytes);
      }
    }
  }

  sealed(type: number, content: ArrayLike<number>): Uint8Array {
    return this.sealer.seal(type, Uint8Array.from(content));
  }

  /** A flood of what `make` makes. */
  flood(make: () => Uint8Array): Uint8Array {
    const flood = new Uint8Array(FLOOD_BYTES);
    for (let at = 0;;) {
      const bytes = make();
      if (at + bytes.length > FLOOD_BYTES) return flood.subarray(0, at);
      flood.set(bytes, at);
      at += bytes.length;
    }
  }

  /** A message that the attacker's OpenSSL makes after `ask`. */
  message(
    ask: (engine: ReturnType<typeof connections.get>) => void,
  ): Uint8Array {
    const connection = connections.get(this.attacker);
    ask(connection);
    connection.libssl.SSL_do_handshake(connection.ssl);
    connection.collect();
    return this.attacker.send();
  }

  /** That `bytes` end the victim's connection, for a reason. */
  assertEnds(bytes: Uint8Array, reason: string): void {
    const error = assertThrows(
      () => this.victim.receive(bytes),
      TlsError,
      reason,
    );
    assertEquals([error.code, error.alert], ["protocol", "unexpected message"]);
    assertEquals(this.victim.state, "failed");
    // The alert is on its way.
    assertThrows(
      () => this.attacker.receive(this.victim.send()),
      TlsError,
      "unexpected message",
    );
  }

  [Symbol.dispose](): void {
    this.victim[Symbol.dispose]();
    this.attacker[Symbol.dispose]();
  }
}

function engineOf(context: TlsContext, role: "client" | "server"): TlsEngine {
  using made = context;
  return new TlsEngine(made, {
    role,
    ...(role === "client" && { hostname: "localhost" }),
  });
}

/** A NewSessionTicket of the least size (RFC 8446, section 4.6.1). */
function ticket(number: number): number[] {
  const [high, low] = [number >> 8 & 0xff, number & 0xff];
  return [
    4,
    0,
    0,
    16,
    0,
    0,
    0,
    9,
    0,
    0,
    high,
    low,
    2,
    high,
    low,
    0,
    1,
    7,
    0,
    0,
  ];
}

describe("A flood of key updates", () => {
  for (const role of ["client", "server"] as const) {
    it(`ends a ${role}, as one and among data`, () => {
      for (const data of [0, 1]) {
        using siege = new Siege(role);
        const { attacker } = siege;
        const flood = siege.flood(() => {
          attacker.updateKeys();
          attacker.write(new Uint8Array(data));
          return attacker.send();
        });
        siege.assertEnds(flood, "too many key updates");
      }
    });
  }

  it("isn't what an honest peer sends in an hour", () => {
    using siege = new Siege("server");
    for (let i = 0; i < 100; i++) {
      if (i >= 32) siege.now += 1000;
      siege.attacker.updateKeys();
      siege.exchange();
    }
    siege.attacker.updateKeys();
    siege.assertEnds(siege.attacker.send(), "too many key updates");
  });
});

describe("A flood of session tickets", () => {
  it("ends a client, also in one record, in the time of some handshakes", () => {
    new Siege("client")[Symbol.dispose]();
    using siege = new Siege("client");
    const record = siege.sealed(
      HANDSHAKE,
      Array.from({ length: 800 }, (_, i) => ticket(i)).flat(),
    );
    const before = performance.now();
    siege.assertEnds(record, "too many session tickets");
    const time = performance.now() - before;
    // Of 800, which all were made sessions of, it was 100 times and more.
    assert(
      time < 40 * siege.handshakeTime,
      `${time} ms after a handshake of ${siege.handshakeTime} ms`,
    );
    assert(siege.victim.takeSessions().length <= 16);
  });

  it("isn't a server's dozen", () => {
    using siege = new Siege("client");
    const twelve = Array.from({ length: 12 }, (_, i) => ticket(i)).flat();
    siege.victim.receive(siege.sealed(HANDSHAKE, twelve));
    assertEquals(siege.victim.takeSessions().length, 14);
  });
});

describe("A flood of warnings", () => {
  it("ends a connection although data comes between them", () => {
    using siege = new Siege("server");
    let count = 0;
    const flood = siege.flood(() =>
      count++ % 4 === 0
        ? siege.sealed(APPLICATION_DATA, [0])
        : siege.sealed(ALERT, [1, 90])
    );
    siege.assertEnds(flood, "too many warn alerts");
  });

  it("isn't one now and then", () => {
    using siege = new Siege("server");
    for (let i = 0; i < 40; i++) {
      if (i >= 16) siege.now += 1000;
      siege.victim.receive(siege.sealed(ALERT, [1, 90]));
      siege.victim.receive(siege.sealed(APPLICATION_DATA, [0]));
    }
    assertEquals(siege.victim.read().length, 40);
  });
});

describe("Renegotiation in TLS 1.2", () => {
  const ask = (siege: Siege): void => {
    siege.victim.receive(
      siege.message(({ libssl, ssl }) => libssl.SSL_renegotiate(ssl)),
    );
    siege.exchange();
  };

  it("is done once for a server that asks, and refused by a warning then", () => {
    using siege = new Siege("client", { maxVersion: "TLSv1.2" });
    ask(siege);
    assertThrows(() => ask(siege), TlsError, "no renegotiation");
    assertEquals(siege.victim.state, "open");
  });

  it("isn't done at all where the options forbid it", () => {
    using siege = new Siege("client", {
      maxVersion: "TLSv1.2",
      configure: [["Options", "NoRenegotiation"]],
    });
    const attacker = connections.get(siege.attacker);
    attacker.libssl.SSL_clear_options(attacker.ssl, SSL_OP_NO_RENEGOTIATION);
    assertThrows(() => ask(siege), TlsError, "no renegotiation");
    assertEquals(siege.victim.state, "open");
  });

  it("isn't answered for ever, though a server reads no warnings", () => {
    using siege = new Siege("client", { maxVersion: "TLSv1.2" });
    ask(siege);
    const flood = siege.flood(() =>
      siege.message(({ libssl, ssl }) => libssl.SSL_renegotiate(ssl))
    );
    const error = assertThrows(
      () => siege.victim.receive(flood),
      TlsError,
      "too many requests to renegotiate",
    );
    assertEquals(error.alert, "unexpected message");
  });

  it("is done again after a minute, and once for a client of a server that allows it", () => {
    for (const role of ["client", "server"] as const) {
      using siege = new Siege(role, {
        maxVersion: "TLSv1.2",
        configure: [["Options", "ClientRenegotiation"]],
      });
      for (let i = 0; i < 3; i++) {
        ask(siege);
        siege.now += 60_000;
      }
      ask(siege);
      assertThrows(() => ask(siege), TlsError, "no renegotiation");
      assertEquals(siege.victim.state, "open");
    }
  });
});

describeWith("openssl", "A group of a server's own (DHE, TLS 1.2)", () => {
  it("is refused when it has more than 4096 bits", async () => {
    await using folder = await Folder.make();
    const { cert, key } = createTestCertificate({ keyType: "RSA-2048" });
    await Deno.writeTextFile(folder.certificate, cert);
    await Deno.writeTextFile(folder.key, key);
    await Deno.writeTextFile(folder.path("dh.pem"), dhParameters(4104));
    await using server = start("openssl", [
      "s_server",
      "-accept",
      "127.0.0.1:0",
      "-naccept",
      "1",
      "-cert",
      folder.certificate,
      "-key",
      folder.key,
      "-dhparam",
      folder.path("dh.pem"),
      "-tls1_2",
      "-cipher",
      "DHE",
    ]);
    const port = Number((await server.printed("ACCEPT")).split(":").at(-1));
    const error = await assertRejects(
      () => connectTls({ hostname: "localhost", port, caCerts: [cert] }),
      TlsError,
      "the group is too large",
    );
    assertEquals(error.alert, "handshake failure");
  });
});

/** Parameters with an odd number of so many bits for a prime: nobody looks. */
function dhParameters(bits: number): string {
  const prime = crypto.getRandomValues(new Uint8Array(bits / 8));
  prime.set([0xff, prime[1] ?? 0]);
  prime.set([0xff], prime.length - 1);
  const length = (content: number[]): number[] => [
    0x82,
    content.length >> 8,
    content.length & 0xff,
  ];
  const number = [0, ...prime];
  const body = [2, ...length(number), ...number, 2, 1, 2];
  const der = Uint8Array.of(0x30, ...length(body), ...body);
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return [
    "-----BEGIN DH PARAMETERS-----",
    ...lines,
    "-----END DH PARAMETERS-----",
    "",
  ].join("\n");
}
