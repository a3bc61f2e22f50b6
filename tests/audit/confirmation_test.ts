/** What passes are worth at servers that resume now and then. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsTransport } from "@sesame/tls";
import { auditServer, type Finding } from "@sesame/tls/audit";
import {
  EXTENDED_MASTER_SECRET,
  PSK_KEY_EXCHANGE_MODES,
} from "../../src/audit/client/hello/codes.ts";
import { helloFront } from "./wrong/hello_front.ts";
import {
  LibsslServer,
  type LibsslServerOptions,
  PKI,
} from "./wrong/libssl_server.ts";

async function findingsAt(
  connect: () => TlsTransport,
  probes: readonly string[],
): Promise<Finding[]> {
  const options = { connect, silence: 10, probes };
  return await Array.fromAsync(auditServer(options));
}

function of(
  findings: readonly Finding[],
  probe: string,
): Finding | undefined {
  return findings.find((one) => one.probe === probe && one.kind === "tls1.3");
}

describe("A pass", () => {
  it("isn't had by a server of which a part alone knows the session", async () => {
    using one = new LibsslServer({ seed: "one" });
    using two = new LibsslServer({ seed: "two" });
    let n = 0;
    // As a load balancer that chooses by the client's port.
    const connect = (): TlsTransport =>
      ("aabababbaaabbabb"[n++ % 16] === "a" ? one : two).connect();
    const findings = await findingsAt(connect, [
      "behaviour/psk-without-modes",
      "behaviour/rate",
      "proof/binder",
      "robustness/large-hello",
    ]);
    for (const { probe, kind, verdict, summary } of findings) {
      const isRate = probe === "behaviour/rate";
      const isLeft = verdict === "inconclusive" || verdict === "not applicable";
      assert(
        isRate ? verdict === "warn" : isLeft,
        `${probe} ${kind} ${summary}`,
      );
    }
    const binder = of(findings, "proof/binder");
    assertEquals(binder?.verdict, "inconclusive", binder?.summary);
  });

  it("isn't had by a server that has ceased to resume", async () => {
    using server = new LibsslServer();
    using other = new LibsslServer({ seed: "other" });
    let n = 0;
    // The survey makes 16 connections, the control two, and the probe two: then all is forgotten.
    const connect = (): TlsTransport => (++n <= 21 ? server : other).connect();
    const findings = await findingsAt(connect, ["behaviour/psk-without-modes"]);
    const found = of(findings, "behaviour/psk-without-modes");
    assertEquals(found?.verdict, "inconclusive", `${n} ${found?.summary}`);
  });
});

describe("Silence", () => {
  it("passes no probe that a refusal passes", async () => {
    using server = new LibsslServer();
    const front = helloFront(server, {
      hello: ({ proposes, isModern, extension }) =>
        proposes &&
          extension(
              isModern ? PSK_KEY_EXCHANGE_MODES : EXTENDED_MASTER_SECRET,
            ) === undefined
          ? "silence"
          : null,
    });
    const audit = auditServer({
      connect: front.connect,
      silence: 10,
      timeout: 1_000,
      probes: [
        "behaviour/psk-without-modes",
        "behaviour/extended-master-secret-dropped",
      ],
    });
    for await (const { verdict, kind, summary } of audit) {
      assertEquals(verdict, "inconclusive", `${kind}: ${summary}`);
      assertMatch(summary, /^The server was silent: (A|The) session with/);
    }
  });
});

describe("No server is failed", () => {
  const probes = ["behaviour", "isolation", "proof", "robustness"];

  it("for connections that are lost", async () => {
    using server = new LibsslServer();
    for (
      const lost of [
        (): TlsTransport => ({
          readable: new ReadableStream({ start: (one) => one.close() }),
          writable: new WritableStream(),
        }),
        (): TlsTransport => {
          throw new Error("lost");
        },
      ]
    ) {
      let n = 0;
      const connect = (): TlsTransport =>
        ++n % 7 === 0 ? lost() : server.connect();
      const names = ["a.example", "b.example"];
      const options = { connect, silence: 10, probes, names };
      for await (const { verdict, probe, summary } of auditServer(options)) {
        assertNotEquals(verdict, "fail", `${probe}: ${summary}`);
      }
    }
  });

  it("for full handshakes that are cut off, where resumptions are shorter", async () => {
    using server = new LibsslServer();
    for (let whole = 16; whole < 30; whole++) {
      let n = 0;
      const connect = (): TlsTransport => {
        const { readable, writable } = server.connect();
        return ++n <= whole
          ? { readable, writable }
          : { readable: readable.pipeThrough(cutAfter(600)), writable };
      };
      const audit = auditServer({
        connect,
        silence: 10,
        probes: ["isolation/other-name"],
        names: ["a.example", "b.example"],
      });
      for await (const { verdict, summary } of audit) {
        assertNotEquals(verdict, "fail", summary);
      }
    }
  });

  it("for certificates that differ behind one address", async () => {
    const setUp: LibsslServerOptions["setUp"] = (libssl, ctx) =>
      void libssl.SSL_CTX_set_tlsext_ticket_keys(ctx, new Uint8Array(80));
    const server = (seed: string): LibsslServer =>
      new LibsslServer({
        seed,
        setUp,
        certificate: PKI.issue({ hosts: [`${seed}.example`] }),
      });
    using one = server("one");
    using two = server("two");
    let n = 0;
    const connect = (): TlsTransport =>
      ("aabababbaaabbabb"[n++ % 16] === "a" ? one : two).connect();
    const findings = await findingsAt(connect, [
      "isolation/no-name",
      "isolation/trailing-dot",
    ]);
    for (const { verdict, probe, summary } of findings) {
      assertNotEquals(verdict, "fail", `${probe}: ${summary}`);
    }
  });
});

/** Ends a stream after so many bytes. */
function cutAfter(count: number): TransformStream<Uint8Array, Uint8Array> {
  let left = count;
  return new TransformStream({
    transform(bytes, controller): void {
      controller.enqueue(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) controller.terminate();
    },
  });
}
