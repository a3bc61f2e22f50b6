/** Ours against Node.js 24's own `node:tls`: as its server, and as its client. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import tls from "../../src/node/mod.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import {
  describeWithNode24,
  inNode24,
  startInNode24,
} from "../support/node24.ts";
import { PKI } from "../support/node_tls.ts";
import { type ClientPlan, type Visit, visits } from "./with_node/client.ts";
import { portOf, serve, type ServerPlan } from "./with_node/server.ts";

const CLIENT = new URL("./with_node/client.ts", import.meta.url);
const SERVER = new URL("./with_node/server.ts", import.meta.url);
const OURS = tls as unknown as Parameters<typeof serve>[1];
const LENGTH = 100_005;

/** The cases: what both ends are, and what the client's first and second visit see. */
const CASES: readonly {
  readonly name: string;
  readonly server?: Partial<ServerPlan>;
  readonly client?: Partial<ClientPlan>;
  readonly sees?: Partial<Visit>;
  readonly who?: string;
}[] = [
  { name: "a ticket" },
  { name: "sessions that are kept", server: { keepsSessions: true } },
  {
    name: "a client's certificate",
    server: { ca: PKI.ca.cert },
    client: { cert: PKI.client.cert, key: PKI.client.key },
    who: "client",
  },
  {
    name: "protocols",
    server: { protocols: ["a", "b"] },
    client: { protocols: ["c", "b"] },
    sees: { alpn: "b" },
  },
  {
    name: "a pre-shared key",
    server: { psk: "0123456789abcdef" },
    client: { psk: "0123456789abcdef" },
  },
];

/** The cases in both versions. */
const ALL = (["TLSv1.2", "TLSv1.3"] as const).flatMap((maxVersion) =>
  CASES.map(({ name, server, client, ...expected }) => ({
    name: `${name}, ${maxVersion}`,
    server: { ...PKI.server, maxVersion, ...server },
    client: { ca: PKI.ca.cert, maxVersion, visits: 2, ...client },
    // In TLS 1.3, a key looks like a session.
    isPsk: client?.psk !== undefined && maxVersion === "TLSv1.3",
    ...expected,
  }))
);

describeWithNode24("node:tls with Node.js 24", () => {
  it("serves clients of Node's", async () => {
    const ours = ALL.map(({ server }) => serve(server, OURS));
    await Promise.all(ours.map((server) => once(server, "listening")));
    const seen = await inNode24<Visit[][]>(
      CLIENT,
      ours.map((server, i) => ({ port: portOf(server), ...ALL[i]?.client })),
    );
    for (const server of ours) server.close();
    ALL.forEach((expected, i) => check(seen[i] ?? [], expected));
  });

  it("is a client of Node's servers", async () => {
    const theirs = await startInNode24(SERVER, ALL.map(({ server }) => server));
    for (const [i, expected] of ALL.entries()) {
      const { server, client } = expected;
      const port = theirs.ports[i] ?? 0;
      // Node's own looks sessions up in TLS 1.2 alone.
      const resumes = !server.keepsSessions || server.maxVersion === "TLSv1.2";
      check(await visits({ port, ...client }, OURS), { ...expected, resumes });
    }
    await theirs.stop();
  });

  it("keeps the sessions of Node's clients in a store, in TLS 1.3 too", async () => {
    const sessions = new MemorySessionStore();
    const server = tls.createServer(
      { ...PKI.server, sessions },
      (socket) => socket.resume().end(),
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { ca: { cert: ca } } = PKI;
    const plan = { port, ca, maxVersion: "TLSv1.3", visits: 3 };
    const [seen = []] = await inNode24<Visit[][]>(CLIENT, [plan]);
    assertEquals(seen.map(({ reused }) => reused), [false, true, true]);
    server.close();
  });
});

function check(
  seen: readonly Visit[],
  { name, sees, who = "nobody", resumes = true, isPsk }: {
    name: string;
    sees?: Partial<Visit>;
    who?: string;
    resumes?: boolean;
    isPsk?: boolean;
  },
): void {
  assertEquals(seen.map(({ reused }) => reused), [isPsk, resumes], name);
  for (const visit of seen) {
    assertEquals(visit.data, `${LENGTH} ${who} ${visit.keys}`, name);
    assertEquals(visit.authorized, true, name);
    for (const [key, value] of Object.entries(sees ?? {})) {
      assertEquals(visit[key as keyof Visit], value, name);
    }
  }
}
