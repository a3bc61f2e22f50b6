import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type MaybePromise,
  TlsContext,
  type TlsContextOptions,
  TlsEngine,
  TlsError,
} from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { type Ends, exchange } from "../../support/engines.ts";
import { turn } from "../../support/probed_store.ts";
import { RawClient } from "../../support/raw_client.ts";
import {
  SANITIZED,
  settle,
  Site,
  VERSIONS,
  visitOf,
} from "../../support/site.ts";

const a = createTestCertificate({ hosts: ["a.test"] });
const b = createTestCertificate({ hosts: ["b.test"] });
const trusting: TlsContextOptions = { caCerts: [a.cert, b.cert] };
const atA = { hostname: "a.test", client: trusting };
const atB = { hostname: "b.test", client: trusting };

type Choice = MaybePromise<TlsContext | undefined>;

/** Both ends, after a server couldn't choose its context. */
async function failed(site: Site, choose: () => unknown): Promise<Ends> {
  const server = site.context({ ...a, contextFor: () => choose() as Choice });
  const ends = site.ends(server, atA);
  try {
    await settle(ends);
  } catch {
    assertThrows(() => ends.client.receive(ends.server.send()), TlsError);
  }
  assertEquals(ends.server.state, "failed");
  return ends;
}

describe("contextFor", SANITIZED, () => {
  for (const version of VERSIONS) {
    for (const how of ["at once", "later"] as const) {
      it(`chooses certificate and protocol by name ${how}, over ${version}`, async () => {
        using site = new Site();
        const chosen = site.context({ ...b, alpnProtocols: ["b/1"] });
        const names: (string | null)[] = [];
        const server = site.context({
          ...a,
          alpnProtocols: ["a/1"],
          contextFor: (name) => {
            names.push(name);
            const answer = name === "b.test" ? chosen : undefined;
            return how === "later" ? turn().then(() => answer) : answer;
          },
        });
        for (
          const [hostname, protocol] of [["A.test", "a/1"], ["b.test", "b/1"]]
        ) {
          using ends = site.ends(server, {
            version,
            hostname: hostname ?? "",
            client: { ...trusting, alpnProtocols: ["b/1", "a/1"] },
          });
          exchange(ends);
          assertEquals(ends.server.pending !== null, how === "later");
          await settle(ends);
          const { client } = visitOf(ends);
          assertEquals(client.info?.alpnProtocol, protocol);
          assertEquals(
            client.info?.peerCertificate?.subject,
            `CN=${hostname?.toLowerCase()}`,
          );
        }
        assertEquals(names, ["a.test", "b.test"]);
        assertEquals(server.stats.handshakes, 1);
        assertEquals(chosen.stats.handshakes, 1);
      });
    }
  }

  it("is asked with null where the client asks for no name", async () => {
    using site = new Site();
    const names: (string | null)[] = [];
    const server = site.context({
      contextFor: (name) => void names.push(name),
    });
    await site.resume(server, { hostname: "127.0.0.1" });
    assertEquals(names, [null]);
  });

  it("is asked once through a HelloRetryRequest", async () => {
    using site = new Site();
    let count = 0;
    const server = site.context({
      configure: [["Groups", "P-384"]],
      contextFor: async () => {
        count++;
        await turn();
        return undefined;
      },
    });
    await site.resume(server);
    assertEquals(count, 1);
  });

  it("isn't asked again, nor gone without, because more comes meanwhile", async () => {
    using site = new Site();
    const answer = Promise.withResolvers<TlsContext>();
    let count = 0;
    const server = site.context({
      ...a,
      contextFor: () => {
        count++;
        return answer.promise;
      },
    });
    using ends = site.ends(server, atB);
    ends.server.receive(ends.client.send());
    ends.server.receive(Uint8Array.of(22));
    assertEquals([count, ends.server.send().length], [1, 0]);
    answer.resolve(site.context(b));
    await ends.server.pending;
    ends.client.receive(ends.server.send());
    assertEquals([count, ends.client.state], [1, "open"]);
  });

  it("can serve all names, with a context that has no certificate itself", async () => {
    using site = new Site();
    const chosen = site.context(b);
    using server = new TlsContext({
      openssl: site.openssl,
      contextFor: () => chosen,
    });
    await site.resume(server, atB);
  });

  it("leaves nothing behind when the peer goes away meanwhile", async () => {
    using site = new Site();
    const answers = [
      Promise.withResolvers<undefined>(),
      Promise.withResolvers<undefined>(),
    ];
    const waiting = [...answers];
    const server = site.context({ contextFor: () => waiting.shift()?.promise });
    const pending = answers.map(() => {
      using ends = site.ends(server);
      exchange(ends);
      return ends.server.pending;
    });
    answers[0]?.resolve(undefined);
    answers[1]?.reject(new Error("late"));
    await Promise.all(pending);
    assertEquals(server.stats.handshakes, 0);
  });

  const failure = new Error("no such host");
  const choices: [string, (site: Site) => unknown, unknown][] = [
    ["throws", () => {
      throw failure;
    }, failure],
    ["rejects", () => Promise.reject(failure), failure],
    ["answers with a string", () => "b.test", "received string"],
    ["answers with null", () => null, "received object"],
    [
      "answers later with a string",
      () => Promise.resolve("b.test"),
      "received string",
    ],
    [
      "answers with another instance's context",
      () => new TlsContext({ ...a, openssl: new Site().openssl }),
      "same OpenSSL instance",
    ],
    ["answers with a closed context", (site) => {
      const context = site.context(a);
      context.close();
      return context;
    }, "open context"],
  ];
  for (const [what, choose, cause] of choices) {
    it(`ends the handshake if it ${what}`, async () => {
      using site = new Site();
      using ends = await failed(site, () => choose(site));
      const { error } = ends.server;
      assertEquals(error?.code, "handshake");
      if (cause instanceof Error) assertEquals(error?.cause, cause);
      else {assert(
          String(error?.cause).includes(String(cause)),
          String(error?.cause),
        );}
      assertEquals(ends.client.error?.alert, "internal error");
    });
  }

  it("must be a function", () => {
    assertThrows(
      () => new TlsContext({ contextFor: {} as () => undefined }),
      TypeError,
      "contextFor",
    );
  });

  it("holds for the whole connection: no other name after a HelloRetryRequest", () => {
    using site = new Site();
    const strict = site.context({
      ...a,
      clientAuth: "require",
      caCerts: [b.cert],
    });
    const context = site.context({
      ...a,
      configure: [["Groups", "P-384"]],
      contextFor: (name) => name === "strict.test" ? strict : undefined,
    });
    const greet = (second: string): TlsEngine => {
      const { openssl } = site;
      const server = new TlsEngine(context, { role: "server" });
      using client = new RawClient(openssl, { groups: "X25519:P-384" });
      openssl.libssl.SSL_set_tlsext_host_name(client.ssl, "a.test");
      server.receive(client.next());
      openssl.libssl.SSL_set_tlsext_host_name(client.ssl, second);
      server.receive(client.next(server.send()));
      return server;
    };
    using server = greet("a.test");
    assert(server.send().length > 0);
    const error = assertThrows(() => greet("strict.test"), TlsError);
    assertEquals(error.alert, "illegal parameter");
  });
});
