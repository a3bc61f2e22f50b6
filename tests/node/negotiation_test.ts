/** ALPN, server names and pre-shared keys. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import tls, { type SecureContext, type TLSSocket } from "../../src/node/mod.ts";
import { assertCode } from "../support/assert_code.ts";
import {
  dial,
  errorOf,
  meet,
  part,
  PKI,
  serverOf,
  toldOf,
} from "../support/node_tls.ts";

describe("ALPN of node:tls", () => {
  it("takes the first of the server's protocols that the client speaks", async () => {
    const server = serverOf({ ALPNProtocols: ["a", "b"] });
    const met = await meet(server, { ALPNProtocols: ["c", "b", "a"] });
    assertEquals(met.client.alpnProtocol, "a");
    assertEquals(met.server.alpnProtocol, "a");
    await part(met);
  });

  it("takes lists as they go over the wire", async () => {
    const server = serverOf({ ALPNProtocols: Buffer.from("\x01a\x01b") });
    const met = await meet(server, { ALPNProtocols: Buffer.from("\x01b") });
    assertEquals(met.client.alpnProtocol, "b");
    await part(met);
  });

  it("is false if an end has none", async () => {
    for (
      const [ours, theirs] of [[["a"], undefined], [undefined, ["a"]]] as const
    ) {
      const met = await meet(
        serverOf(ours && { ALPNProtocols: ours }),
        theirs && { ALPNProtocols: theirs },
      );
      assertEquals(met.client.alpnProtocol, false);
      assertEquals(met.server.alpnProtocol, false);
      await part(met);
    }
  });

  it("refuses clients that speak none of the server's", async () => {
    const server = serverOf({ ALPNProtocols: ["a"] });
    const error = await errorOf(server, { ALPNProtocols: ["b"] });
    assertEquals(error.code, "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL");
  });

  it("asks ALPNCallback, which sees the hello", async () => {
    const seen: unknown[] = [];
    const server = serverOf({
      ALPNCallback: (hello) => {
        seen.push(hello);
        return hello.protocols[1];
      },
    });
    const met = await meet(server, { ALPNProtocols: ["a", "b"] });
    assertEquals(met.client.alpnProtocol, "b");
    assertEquals(seen, [{ servername: "localhost", protocols: ["a", "b"] }]);
    await part(met);
  });

  it("refuses what ALPNCallback refuses, and what it makes up", async () => {
    const refusing = serverOf({ ALPNCallback: () => undefined });
    const error = await errorOf(refusing, { ALPNProtocols: ["a"] });
    assertEquals(error.code, "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL");

    const inventing = serverOf({ ALPNCallback: () => "z" });
    const { code } = await toldOf(inventing, { ALPNProtocols: ["a"] });
    assertEquals(code, "ERR_TLS_ALPN_CALLBACK_INVALID_RESULT");
  });

  it("refuses ALPNCallback beside ALPNProtocols, and names that are too long", () => {
    assertCode(
      () => serverOf({ ALPNProtocols: ["a"], ALPNCallback: () => "a" }),
      "ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS",
    );
    assertCode(
      () => serverOf({ ALPNProtocols: ["a".repeat(256)] }),
      "ERR_OUT_OF_RANGE",
    );
  });
});

describe("server names of node:tls", () => {
  const other = PKI.issue({ hosts: ["a.test"] });

  it("uses the context of addContext whose name matches, the last one first", async () => {
    const server = serverOf();
    server.addContext("*.test", PKI.issue({ hosts: ["first.test"] }));
    server.addContext("a.test", other);
    const met = await meet(server, { servername: "a.test" });
    assertEquals(met.server.servername, "a.test");
    assertEquals(met.client.getPeerCertificate()?.subject.CN, "a.test");
    await part(met);
  });

  it("uses its own for other names", async () => {
    const server = serverOf();
    server.addContext("*.test", other);
    const met = await meet(server, { servername: "localhost" });
    assertEquals(met.client.getPeerCertificate()?.subject.CN, "localhost");
    await part(met);
  });

  it("asks SNICallback, which may take time", async () => {
    const server = serverOf({
      SNICallback: (name, callback) => {
        const context = tls.createSecureContext(other);
        setTimeout(() => callback(null, name === "a.test" ? context : null), 1);
      },
    });
    const met = await meet(server, { servername: "a.test" });
    assertEquals(met.client.getPeerCertificate()?.subject.CN, "a.test");
    await part(met);
    await part(await meet(server));
  });

  it("ends the connection if SNICallback fails or gives no context", async () => {
    const failure = new Error("no such name");
    const failing = serverOf({
      SNICallback: (_, callback) => callback(failure),
    });
    assertEquals(await toldOf(failing), failure);

    const wrong = serverOf({
      SNICallback: (_, callback) => callback(null, {} as SecureContext),
    });
    assertEquals((await toldOf(wrong)).message, "Invalid SNI context");
  });

  it("refuses a context without a name", () => {
    assertCode(
      () => serverOf().addContext("", other),
      "ERR_TLS_REQUIRED_SERVER_NAME",
    );
  });
});

describe("pre-shared keys of node:tls", () => {
  const psk = Buffer.alloc(32, 7);
  const server = (identity: string) =>
    tls.createServer({
      ciphers: "PSK+HIGH:TLS_AES_128_GCM_SHA256",
      pskIdentityHint: "the hint",
      pskCallback: (_socket: TLSSocket, name: string) =>
        name === identity ? psk : null,
    });
  const options = (seen: unknown[] = []) => ({
    ca: undefined,
    ciphers: "PSK+HIGH:TLS_AES_128_GCM_SHA256",
    checkServerIdentity: () => undefined,
    pskCallback: (hint: string | null) => {
      seen.push(hint);
      return { psk, identity: "me" };
    },
  });

  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`authenticates both ends, ${maxVersion}`, async () => {
      const seen: unknown[] = [];
      const met = await meet(server("me"), { ...options(seen), maxVersion });
      assertEquals(met.client.authorized, true);
      assertEquals(met.client.getProtocol(), maxVersion);
      assertEquals(seen, [maxVersion === "TLSv1.2" ? "the hint" : null]);
      await part(met);
    });

    it(`refuses an identity that it doesn't know, ${maxVersion}`, async () => {
      const told = await toldOf(server("other"), { ...options(), maxVersion });
      assertMatch(told.code ?? "", /^ERR_SSL_/);
    });
  }

  it("tells no key in an error", async () => {
    for (const bad of ["the key", Buffer.from("the key".repeat(100))]) {
      const client = dial(server("me"), {
        ...options(),
        pskCallback: () => ({ psk: bad as Buffer, identity: "me" }),
      });
      const [error] = await once(client, "error");
      assertMatch(error.code, /^ERR_INVALID_ARG_/);
      assertEquals(/the key|74 68 65|116, 104, 101/.test(error.message), false);
    }
  });

  it("refuses callbacks that are none", () => {
    for (const bad of [{ pskCallback: "x" }, { pskIdentityHint: 1 }]) {
      assertCode(() => serverOf(bad as never), "ERR_INVALID_ARG_TYPE");
    }
  });
});
