/** Servers that resume now and then, or here and there. */
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsContext, TlsTransport } from "@sesame/tls";
import {
  SSL_CLIENT_HELLO_ERROR,
  SSL_CLIENT_HELLO_SUCCESS,
} from "../../../../src/libssl/mod.ts";
import { findingsOf } from "../../findings_of.ts";
import { keepSessions } from "../../wrong/kept_sessions.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import {
  linesOf,
  newSandbox,
  refuseOffers,
  serverContext,
  serverThat,
} from "./servers.ts";

describe("behaviour/reuse", () => {
  it("warns of single use in TLS 1.2, not in TLS 1.3", async () => {
    using server = serverThat((der, _ssl, count) => count === 1 ? der : null);
    assertEquals(await linesOf(server, "behaviour/reuse"), [
      "tls1.2-id warn (low): A session is resumed once",
      "tls1.3 pass: A session is resumed once",
    ]);
  });

  it("warns of a session that is resumed now and then", async () => {
    using server = serverThat((der, _ssl, count) => count % 2 ? der : null);
    assertEquals(await linesOf(server, "behaviour/reuse"), [
      "tls1.2-id warn (low): A session was resumed 2 times out of 3",
      "tls1.3 warn (low): A session was resumed 2 times out of 3",
    ]);
  });

  it("fails a server that ends the handshake at the second use", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => {
        keepSessions(libssl, ctx);
        refuseOffers(libssl, ctx, (_id, count) => count > 1);
      },
    });
    assertEquals(await linesOf(server, "behaviour/reuse"), [
      "tls1.2-id fail (medium): A session that was used before ends the handshake",
      "tls1.3 fail (medium): A session that was used before ends the handshake",
    ]);
  });
});

describe("behaviour/rate", () => {
  it("warns of servers at one address that share nothing", async () => {
    using one = new LibsslServer({ seed: "one" });
    using two = new LibsslServer({ seed: "two" });
    let connections = 0;
    // Four connections to each in turn: the survey finds resumption.
    const connect = (): TlsTransport =>
      (connections++ % 8 < 4 ? one : two).connect();
    const lines = await linesOf(connect, "behaviour/rate", { samples: 8 });
    assertEquals(lines, [
      "tls1.2-id warn (low): 6 of 8 connections were resumed",
      "tls1.2-ticket warn (low): 6 of 8 connections were resumed",
      "tls1.3 warn (low): 6 of 8 connections were resumed",
    ]);
  });

  it("fails a server that ends some handshakes", async () => {
    let offers = 0;
    using server = new LibsslServer({
      setUp: (libssl, ctx) => {
        keepSessions(libssl, ctx);
        refuseOffers(libssl, ctx, () => offers++ % 4 === 3);
      },
    });
    const [line] = await linesOf(server, "behaviour/rate", { samples: 4 });
    assertEquals(
      line,
      "tls1.2-id fail (medium): 1 of 4 handshakes that offered a session failed",
    );
  });

  it("is inconclusive at a server that has ceased to complete handshakes", async () => {
    let hellos = 0;
    using server = new LibsslServer({
      setUp: (libssl, ctx) => {
        keepSessions(libssl, ctx);
        libssl.SSL_CTX_set_client_hello_cb(
          ctx,
          () =>
            ++hellos > 16 ? SSL_CLIENT_HELLO_ERROR : SSL_CLIENT_HELLO_SUCCESS,
        );
      },
    });
    const [line = ""] = await linesOf(server, "behaviour/rate", { samples: 8 });
    assertMatch(line, /inconclusive: A handshake without a session fails, too/);
  });

  it("measures over as many connections as it is told", async () => {
    using sandbox = newSandbox();
    using context = serverContext(sandbox);
    const findings = await findingsOf(context, "behaviour/rate", {
      samples: 3,
    });
    const [finding] = findings.filter(({ kind }) => kind === "tls1.3");
    assertEquals([finding?.connections, finding?.facts], [4, {
      connections: 3,
      resumed: 3,
      failed: 0,
      resumedPercent: 100,
    }]);
  });
});

describe("behaviour/nodes", () => {
  const ticketKeys = [new Uint8Array(80).fill(1)];

  it("passes nodes that have the same ticket keys", async () => {
    using sandbox = newSandbox();
    using one = serverContext(sandbox, { ticketKeys });
    using two = serverContext(sandbox, { ticketKeys });
    assertEquals(await linesOf(one, "behaviour/nodes", { nodes: [two] }), [
      "tls1.2-ticket pass: 2 of 2 pairs of nodes share sessions",
      "tls1.3 pass: 2 of 2 pairs of nodes share sessions",
    ]);
  });

  it("advises no ticket keys to those that share no ids", async () => {
    using one = new LibsslServer({ seed: "one" });
    using two = new LibsslServer({ seed: "two" });
    const connect = (node: string): TlsTransport =>
      (node === "one" ? one : two).connect();
    const findings = await findingsOf(connect, "behaviour/nodes", {
      nodes: ["one", "two"],
    });
    assertEquals(
      findings.map(({ advice }) => advice?.includes("ticket keys")),
      [false, true, true],
    );
  });

  it("names the pairs that don't share", async () => {
    using sandbox = newSandbox();
    using one = serverContext(sandbox, { ticketKeys });
    using two = serverContext(sandbox);
    using three = serverContext(sandbox, { ticketKeys });
    const nodes: TlsContext[] = [two, three];
    const findings = await findingsOf(one, "behaviour/nodes", { nodes });
    const [finding] = findings.filter(({ kind }) => kind === "tls1.3");
    assertEquals(finding?.verdict, "warn");
    assertEquals(
      finding?.summary,
      "2 of 6 pairs of nodes share sessions",
    );
    assertEquals(finding?.facts, {
      nodes: ["1", "2", "3"],
      shared: ["1 -> 3", "3 -> 1"],
      notShared: ["1 -> 2", "2 -> 1", "2 -> 3", "3 -> 2"],
      failed: [],
      matrix: ["+-+ 1", "-+- 2", "+-+ 3"],
    });
  });

  it("fails nodes that end the handshake at another's session", async () => {
    const own = new Map<string, Map<string, Uint8Array>>();
    using one = strict("one");
    using two = strict("two");
    const connect = (node: string): TlsTransport =>
      (node === "one" ? one : two).connect();
    const nodes = ["one", "two"];
    assertEquals(await linesOf(connect, "behaviour/nodes", { nodes }), [
      "tls1.2-id fail (high): 2 of 2 pairs of nodes end the handshake at a session of the other",
      "tls1.3 fail (high): 2 of 2 pairs of nodes end the handshake at a session of the other",
    ]);

    function strict(seed: string): LibsslServer {
      return new LibsslServer({
        seed,
        setUp: (libssl, ctx) => {
          own.set(seed, keepSessions(libssl, ctx));
          refuseOffers(libssl, ctx, (id) => !own.get(seed)?.has(id));
        },
      });
    }
  });

  it("tries some pairs of many nodes", async () => {
    using sandbox = newSandbox();
    using shared = serverContext(sandbox, { ticketKeys });
    using alone = serverContext(sandbox);
    const nodes = [shared, shared, shared, shared, shared, alone, shared];
    const findings = await findingsOf(shared, "behaviour/nodes", { nodes });
    const [finding] = findings.filter(({ kind }) => kind === "tls1.3");
    assertEquals(finding?.verdict, "warn");
    assertEquals(finding?.facts.matrix, [
      "+++++... 1",
      "++++++.. 2",
      "+.++++-. 3",
      "+..+++-+ 4",
      "+...++-+ 5",
      "++...+-+ 6",
      "---...+- 7",
      "++++...+ 8",
    ]);
  });

  it("isn't applicable to one node", async () => {
    using sandbox = newSandbox();
    using context = serverContext(sandbox);
    const [, finding] = await findingsOf(context, "behaviour/nodes");
    assertEquals(finding?.verdict, "not applicable");
  });
});
