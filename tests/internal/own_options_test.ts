import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Resumption, TlsContextOptions } from "@sesame/tls";
import {
  createTestCertificate,
  FaultyStore,
  Network,
  VirtualClock,
} from "@sesame/tls/testing";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { ownOptions } from "../../src/internal/own_options.ts";
import { certificate } from "../support/engines.ts";
import { SANITIZED, Site, type VisitOptions } from "../support/site.ts";

const person = createTestCertificate({ hosts: ["person"] });
const stranger = createTestCertificate({ hosts: ["stranger"] });
const MISMATCH: Resumption = { resumed: false, reason: "context-mismatch" };
const FROM_STORE: Resumption = { resumed: true, from: "store" };

const asPerson: VisitOptions = {
  client: { caCerts: [certificate.cert], ...person },
};

describe("A function's own options", () => {
  it("are of an object, and of nothing else", () => {
    for (const value of [null, undefined, 1, "text", () => {}]) {
      assertThrows(
        () => ownOptions(value as never),
        TypeError,
        "options must be an object, received ",
      );
    }
  });

  it("are copies of data, as deep as it goes, and the same of what isn't", () => {
    const bytes = new Uint8Array([1]);
    const listener = (): void => {};
    const date = new Date(0);
    const given = { list: [{ bytes }], listener, date };
    const own = ownOptions(given);
    bytes[0] = 2;
    given.list.push({ bytes });
    assertEquals(own.list.length, 1);
    assertEquals([...own.list[0]?.bytes ?? []], [1]);
    assertStrictEquals(own.listener, listener);
    assertStrictEquals(own.date, date);
    assert(Object.isFrozen(own.list));
  });

  it("are copied once: a copy of a copy is the copy", () => {
    const own = ownOptions({ list: [1], part: { a: 1 } });
    assertStrictEquals(ownOptions(own), own);
    assertStrictEquals(ownOptions({ ...own }).list, own.list);
    assertStrictEquals(ownOptions({ ...own }).part, own.part);
    assertNotStrictEquals(ownOptions({ ...own }), own);
  });
});

describe("What a context is made from", SANITIZED, () => {
  it("is taken once: editing caCerts in place changes neither trust nor its sessions", async () => {
    using site = new Site();
    const caCerts = [person.cert];
    const options: TlsContextOptions = { clientAuth: "require", caCerts };
    const rotated = site.server(options);
    caCerts[0] = stranger.cert;
    const trustsPerson = site.server({ ...options, caCerts: [person.cert] });
    const trustsStranger = site.server(options);

    const session = await site.session(rotated, asPerson);
    assertEquals(
      await site.resume(trustsPerson, { ...asPerson, session }),
      FROM_STORE,
    );
    using ends = site.ends(trustsStranger, { ...asPerson, session });
    let refusal: unknown;
    try {
      ends.server.receive(ends.client.send());
      ends.client.receive(ends.server.send());
      ends.server.receive(ends.client.send());
    } catch (error) {
      refusal = error;
    }
    assert(String(refusal).includes("certificate"), String(refusal));
    assertEquals(ends.server.resumption, null);
  });

  it("is read from the object itself, not from what lends it more", async () => {
    using site = new Site();
    Object.defineProperty(Object.prototype, "alpnProtocols", {
      value: ["lent/1"],
      configurable: true,
      enumerable: false,
    });
    try {
      using visit = await site.visit(site.server({}), {
        client: { caCerts: [certificate.cert], alpnProtocols: ["lent/1"] },
      });
      assertEquals(visit.server.info?.alpnProtocol, null);
    } finally {
      delete (Object.prototype as { alpnProtocols?: unknown }).alpnProtocols;
    }
  });

  for (
    const [what, edit] of [
      ["alpnProtocols", (o) => o.alpnProtocols?.reverse()],
      ["configure", (o) => (o.configure as [string, string][]).pop()],
      ["ticketKeys", (o) => o.ticketKeys?.forEach((key) => key.fill(0))],
      ["sessionIdKey", (o) => (o.sessionIdKey as Uint8Array).fill(0)],
    ] satisfies [string, (options: TlsContextOptions) => unknown][]
  ) {
    it(`is copied: ${what} edited in place changes nothing`, async () => {
      using site = new Site();
      const made = (): TlsContextOptions => ({
        alpnProtocols: ["a/1", "b/1"],
        configure: [["Groups", "X25519"], ["Groups", "P-384"]],
        ...(what === "sessionIdKey"
          ? { sessionIdKey: new Uint8Array(32).fill(7), sessions: site.store }
          : { ticketKeys: [new Uint8Array(80).fill(7)] }),
      });
      const options = made();
      const server = site.context(options);
      edit(options);
      const visit = {
        client: {
          caCerts: [certificate.cert],
          alpnProtocols: ["b/1", "a/1"],
        },
      };
      using first = await site.visit(server, visit);
      assertEquals(first.server.info?.alpnProtocol, "a/1");
      assertEquals(first.server.info?.group, "secp384r1");
      const equal = site.context(made());
      const next = await site.resume(equal, {
        ...visit,
        session: first.session,
      });
      assertEquals(next.resumed, true);
    });
  }
});

describe("The session policy of a context", SANITIZED, () => {
  it("doesn't depend on how certificates are written down, nor on their order", async () => {
    using site = new Site();
    const caCerts = [person.cert, stranger.cert];
    const session = await site.session(
      site.server({ clientAuth: "require", caCerts }),
      asPerson,
    );
    const others = [
      [stranger.cert, person.cert],
      [`${stranger.cert}\n# a comment\n${
        person.cert.replaceAll("\n", "\r\n")
      }`],
      [person.cert, stranger.cert, person.cert],
    ];
    for (const caCerts of others) {
      assertEquals(
        await site.resume(site.server({ clientAuth: "require", caCerts }), {
          ...asPerson,
          session,
        }),
        FROM_STORE,
      );
    }
  });

  const STRICTER: [string, TlsContextOptions["configure"]][] = [
    ["a security level", [["CipherString", "DEFAULT@SECLEVEL=3"]]],
    ["signature algorithms", [[
      "ClientSignatureAlgorithms",
      "RSA-PSS+SHA256:ECDSA+SHA256",
    ]]],
  ];
  for (const [what, configure] of STRICTER) {
    it(`has what configure says of trust: ${what}`, async () => {
      using site = new Site();
      const asking: TlsContextOptions = {
        clientAuth: "require",
        caCerts: [person.cert],
      };
      const lax = site.server(asking);
      const strict = site.server({ ...asking, configure: configure ?? [] });
      const session = await site.session(lax, asPerson);
      assertEquals(
        await site.resume(strict, { ...asPerson, session }),
        MISMATCH,
      );
      const own = await site.session(strict, asPerson);
      assertEquals(
        await site.resume(strict, { ...asPerson, session: own }),
        FROM_STORE,
      );
    });
  }
});

describe("The sandbox", () => {
  it("keeps copies of plans and faults", async () => {
    const id = new Uint8Array(32).fill(1);
    const faults = [{
      on: "get" as const,
      when: { id },
      fault: { kind: "error" as const },
    }];
    const store = new FaultyStore(new MemorySessionStore(), { faults });
    id.fill(2);
    faults.length = 0;
    let failure: unknown;
    try {
      await store.get(new Uint8Array(32).fill(1));
    } catch (error) {
      failure = error;
    }
    assert(failure instanceof Error);

    const toServer = { truncate: { at: 2 } };
    const network = new Network({ toServer }, { clock: new VirtualClock() });
    toServer.truncate.at = 99;
    network.send("client", new Uint8Array(5));
    const delivery = network.deliver();
    assert(delivery?.kind === "bytes");
    assertEquals(delivery.bytes.length, 2);
  });
});
