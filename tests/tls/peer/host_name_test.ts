/** Hosts as people write them. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls, listenTls, TlsContext, TlsEngine } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestPki } from "@sesame/tls/testing";
import { parseHostName } from "../../../src/tls/peer/host_name.ts";
import { connected } from "../../support/engines.ts";
import { describeWithIpv6 } from "../../support/missing_programs.ts";

const HOSTS = [
  "localhost",
  "127.0.0.1",
  "::1",
  "xn--bcher-kva.example",
  "my_host",
];
const pki = createTestPki({ hosts: HOSTS });

/** What is written, and what it means. */
const MEANINGS: [string, string][] = [
  ["localhost", "localhost"],
  ["localhost.", "localhost"],
  ["LocalHost", "localhost"],
  ["my_host", "my_host"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["BÜCHER.example.", "xn--bcher-kva.example"],
  ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ["ｌocalhost", "localhost"],
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.1.", "127.0.0.1"],
  ["127.1", "127.0.0.1"],
  ["0x7f000001", "127.0.0.1"],
  ["[::1]", "::1"],
  ["::1", "::1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["::1%lo", "::1"],
];

/** What has no meaning as a host. */
const NONSENSE: unknown[] = [
  "",
  " ",
  " localhost",
  "local host",
  "localhost\n",
  "local\0host",
  "a:443",
  "localhost:443",
  "[::1]:443",
  "https://localhost",
  "localhost/",
  "user@localhost",
  "localhost?",
  "a#b",
  "a\\b",
  ".",
  "..",
  ".localhost",
  "a..b",
  "localhost..",
  "*.example.com",
  "a,b",
  "%6c",
  "\u00ad",
  "xn--a",
  "\ud800",
  "[localhost]",
  "[::1",
  "[::1].",
  "1::2::3",
  ":",
  "::1%",
  "256.0.0.1",
  "1.2.3.4.5",
  "a.1",
  `${"a".repeat(64)}.example`,
  Array(64).fill("abc").join("."),
  undefined,
  null,
  5,
  {},
];

describe("A client's hostname", () => {
  for (const [written, name] of MEANINGS) {
    it(`${written} is ${name}: asked for, and verified`, () => {
      using server = new TlsContext(pki.server);
      using client = new TlsContext({ caCerts: [pki.ca.cert] });
      using ends = connected(server, client, { hostname: written });
      const isAddress = /^[\d.]+$|:/.test(name);
      assertEquals(ends.server.info?.serverName, isAddress ? null : name);
      assertEquals(parseHostName(written).name, name);
    });
  }

  it("keeps the root's dot and a zone to connect by", () => {
    for (const host of ["intranet.", "a.example.", "fe80::1%eth0"]) {
      assertEquals(parseHostName(host).dialled, host);
    }
  });

  it("is refused at the door if it has no meaning", async () => {
    using context = new TlsContext({ ...pki.server, caCerts: [pki.ca.cert] });
    for (const hostname of NONSENSE as string[]) {
      const where = JSON.stringify(hostname);
      assertThrows(
        () => new TlsEngine(context, { role: "client", hostname }),
        TypeError,
        "options.hostname must be a host name or IP address",
        where,
      );
      await assertRejects(
        () => connectTls({ hostname, port: 1, context }),
        TypeError,
        "options.hostname",
        where,
      );
      if (hostname === undefined) continue;
      assertThrows(
        () => listenTls({ hostname, port: 0, context }),
        TypeError,
        "options.hostname",
        where,
      );
    }
  });

  it("localhost. is dialled and verified as localhost", async () => {
    using listener = listenTls({
      hostname: "localhost.",
      port: 0,
      ...pki.server,
    });
    const accepted = listener.accept();
    await using socket = await connectTls({
      hostname: "localhost.",
      port: listener.addr.port,
      caCerts: [pki.ca.cert],
    });
    assert(socket.info !== null);
    await using server = await accepted;
    await server.opened;
    assertEquals(server.info?.serverName, "localhost");
  });
});

describeWithIpv6("A client's address", () => {
  it("is one server's to a store, however it is written", async () => {
    using listener = listenTls({ hostname: "[::1]", port: 0, ...pki.server });
    const serving = (async () => {
      for await (const socket of listener) await socket.close();
    })();
    const sessions = new MemorySessionStore();
    const { port } = listener.addr;
    const results: (boolean | undefined)[] = [];
    for (const hostname of ["[::1]", "::1", "0:0::1"]) {
      await using socket = await connectTls({
        hostname,
        port,
        caCerts: [pki.ca.cert],
        sessions,
      });
      results.push(socket.info?.resumed);
      await new Response(socket.readable).bytes();
    }
    assertEquals(results, [false, true, true]);
    listener.close();
    await serving;
  });
});
