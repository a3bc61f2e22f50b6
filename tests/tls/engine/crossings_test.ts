/** How often one resumed server connection crosses WebAssembly's border, both ways. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  type SessionStore,
  TlsContext,
  type TlsContextOptions,
  TlsEngine,
  type TlsSession,
  type TlsVersion,
} from "../../../mod.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { createTestCertificate } from "../../../src/testing/mod.ts";
import { Crossings } from "../../support/crossings.ts";

const MOST: Readonly<Partial<Record<TlsVersion, number>>> = {
  "TLSv1.2": 16,
  "TLSv1.3": 20,
};
/** Every cost of a first connection is paid, such as OpenSSL's seed and its fetched algorithms. */
const VISITS = 3;

const STORES: Readonly<Record<string, () => SessionStore>> = {
  "a synchronous": () => new MemorySessionStore(),
  "an asynchronous": () => {
    const store = new MemorySessionStore();
    return {
      get: async (id) => await store.get(id),
      set: async (id, record, options) => await store.set(id, record, options),
      delete: async (id, reason) => await store.delete(id, reason),
    };
  },
};

const OPTIONS: Readonly<Record<string, TlsContextOptions>> = {
  "": {},
  " and ids of its own": { sessionIdKey: new Uint8Array(32) },
};

describe("A resumed server connection", () => {
  for (const [maxVersion, most] of Object.entries(MOST)) {
    for (const [name, store, more] of cases()) {
      it(
        `of ${maxVersion} crosses the border ${most} times at most, with ${name}`,
        async () => {
          const crossings = new Crossings();
          const own = createTestCertificate();
          using server = new TlsContext({
            ...own,
            openssl: crossings.openssl,
            sessions: store(),
            ...more,
            maxVersion: maxVersion as TlsVersion,
          });
          using client = new TlsContext({
            openssl: new OpenSSL(),
            caCerts: [own.cert],
          });
          const state: { session?: TlsSession | undefined } = {};
          let calls: string[] = [];
          for (let i = 0; i <= VISITS; i++) {
            calls = await crossings.during(() => visit(server, client, state));
          }
          assert(calls.length > 4, "the border is watched");
          assert(
            calls.length <= most,
            `${calls.length} crossings: ${calls.join(" ")}`,
          );
        },
      );
    }
  }
});

function* cases(): Generator<[string, () => SessionStore, TlsContextOptions]> {
  for (const [kind, store] of Object.entries(STORES)) {
    for (const [more, options] of Object.entries(OPTIONS)) {
      yield [`${kind} store${more}`, store, options];
    }
  }
}

/** Makes both ends, shakes hands, closes and frees. */
async function visit(
  context: TlsContext,
  clients: TlsContext,
  state: { session?: TlsSession | undefined },
): Promise<void> {
  const isFirst = state.session === undefined;
  using client = new TlsEngine(clients, {
    role: "client",
    hostname: "localhost",
    ...(state.session && { session: state.session }),
  });
  const server = new TlsEngine(context, { role: "server" });
  while (client.state !== "open" || server.state !== "open") {
    const flight = client.send();
    if (flight.length > 0) server.receive(flight);
    if (server.pending) await server.pending;
    client.receive(server.send());
  }
  assertEquals(server.info?.resumed, !isFirst);
  state.session = client.session ?? state.session;
  client.close();
  server.receive(client.send());
  server.close();
  client.receive(server.send());
  assertEquals([client.state, server.state], ["closed", "closed"]);
  server[Symbol.dispose]();
}
