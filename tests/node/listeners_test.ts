/** Listeners that throw, that use other connections, and that destroy what they listen to. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION } from "../../src/libssl/mod.ts";
import tls, { type TLSSocket } from "../../src/node/mod.ts";
import {
  dial,
  meet,
  part,
  PKI,
  serverOf,
  toldOf,
} from "../support/node_tls.ts";
import { uncaughtIn } from "../support/uncaught.ts";

describe("a listener of node:tls that throws", () => {
  it("throws to nobody, and the connection goes on", async () => {
    const data: string[] = [];
    const uncaught = await uncaughtIn(async () => {
      const server = serverOf();
      const accepted = once(server, "secureConnection");
      const client = dial(server);
      client.on("secureConnect", () => {
        throw new Error("in secureConnect");
      });
      client.on("data", (chunk: Buffer) => {
        data.push(chunk.toString());
        if (data.length === 1) throw new Error("in data");
      });
      const [socket] = await accepted;
      socket.write("one", () => socket.end("two"));
      await once(client, "end");
      client.destroy();
      socket.destroy();
    });
    assertEquals(uncaught, ["in secureConnect", "in data"]);
    assertEquals(data, ["one", "two"]);
  });

  for (
    const [what, listen] of [
      ["resumeSession", () => {
        const server = serverOf({ maxVersion: "TLSv1.2" });
        server.on("resumeSession", () => {
          throw new Error("no");
        });
        return server;
      }],
      ["SNICallback", () =>
        serverOf({
          SNICallback: () => {
            throw new Error("no");
          },
        })],
      ["ALPNCallback", () =>
        serverOf({
          ALPNCallback: () => {
            throw new Error("no");
          },
        })],
      ["OCSPRequest", () => {
        const server = serverOf();
        server.on("OCSPRequest", () => {
          throw new Error("no");
        });
        return server;
      }],
    ] as const
  ) {
    it(`ends the handshake: ${what}`, async () => {
      const server = listen();
      const options = { ALPNProtocols: ["a"], requestOCSP: true };
      assertEquals((await toldOf(server, options)).message, "no");
    });
  }

  it("ends the handshake: pskCallback", async () => {
    const server = serverOf({
      ciphers: "PSK+HIGH:TLS_AES_128_GCM_SHA256",
      pskCallback: () => {
        throw new Error("no");
      },
    });
    const { message } = await toldOf(server, {
      ciphers: "PSK+HIGH:TLS_AES_128_GCM_SHA256",
      pskCallback: () => ({ identity: "me", psk: Buffer.alloc(16) }),
    });
    assertEquals(message, "no");
  });
});

describe("a listener of node:tls", () => {
  it("may use other connections, in pskCallback too", async () => {
    const other = await meet(serverOf());
    const heard = once(other.server, "data");
    const ciphers = "PSK+HIGH:TLS_AES_128_GCM_SHA256";
    const psk = Buffer.alloc(16, 1);
    const met = await meet(
      serverOf({
        ciphers,
        pskCallback: (_: TLSSocket, identity: string) => {
          other.client.write(identity);
          return psk;
        },
      }),
      {
        ciphers,
        pskCallback: () => ({ identity: "me", psk }),
        checkServerIdentity: () => undefined,
      },
    );
    const [data] = await heard;
    assertEquals(data.toString(), "me");
    await part(met);
    await part(other);
  });

  it("that takes its time doesn't have the peer fill the memory", async () => {
    const server = serverOf({ SNICallback: () => {} });
    const [ours, theirs] = duplexPair();
    const [client, near] = duplexPair();
    server.emit("connection", theirs);
    tls.connect({ socket: client, servername: "localhost" });
    const [hello] = await once(near, "data");
    ours.write(hello);
    let count = 0;
    const more = (): void => {
      while (count < 2e6 && ours.write(Buffer.alloc(16_384, 0x17))) {
        count += 16_384;
      }
    };
    ours.on("drain", more);
    more();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert(count < 300_000, `${count} bytes were taken`);
    client.destroy();
    theirs.destroy();
  });

  it("may destroy what it listens to, at any time", async () => {
    for (
      const event of ["keylog", "OCSPResponse", "secure", "session", "data"]
    ) {
      const server = serverOf();
      server.on("tlsClientError", () => {});
      server.on("secureConnection", (socket) => {
        socket.on("error", () => {}).write("hello");
      });
      const client = dial(server, { requestOCSP: true });
      client.on(event, () => client.destroy());
      client.resume();
      await once(client, "close");
      assertEquals(client.destroyed, true);
      assertEquals(client.getSession(), null);
    }
  });
});

describe("renegotiation of node:tls", () => {
  const TLS12 = { maxVersion: "TLSv1.2" } as const;

  it("is for a client to ask for in TLS 1.2, while data goes on", async () => {
    const met = await meet(serverOf(TLS12));
    let isAgain = false;
    met.server.on("secure", () => isAgain = true);
    const done = new Promise<Error | null>((resolve) => {
      assertEquals(met.client.renegotiate({}, resolve), true);
    });
    assertEquals(await done, null);
    met.client.write("hello");
    const [data] = await once(met.server, "data");
    assertEquals([data.toString(), isAgain], ["hello", true]);
    await part(met);
  });

  it("is for a server to ask for, with a certificate", async () => {
    const met = await meet(
      serverOf({
        ...TLS12,
        ca: PKI.ca.cert,
        secureOptions: Number(SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION),
      }),
      PKI.client,
    );
    assertEquals<object>(met.server.getPeerCertificate(), {});
    const options = { requestCert: true, rejectUnauthorized: false };
    await new Promise((resolve) => met.server.renegotiate(options, resolve));
    assertEquals(
      met.server.getPeerX509Certificate()?.subject,
      "O=Test\nCN=client",
    );
    await part(met);
  });

  it("isn't in TLS 1.3", async () => {
    const met = await meet(serverOf());
    const error = await new Promise<Error & { code?: string } | null>(
      (resolve) => {
        assertEquals(met.client.renegotiate({}, resolve), false);
      },
    );
    assertEquals(error?.code, "ERR_SSL_WRONG_SSL_VERSION");
    await part(met);
  });

  it("is an attack beyond CLIENT_RENEG_LIMIT", async () => {
    const met = await meet(serverOf(TLS12));
    const failed = once(met.server, "error");
    const again = (): void => {
      if (!met.client.destroyed) met.client.renegotiate({}, again);
    };
    met.client.on("error", () => {});
    again();
    const [error] = await failed;
    assertEquals(error.code, "ERR_TLS_SESSION_ATTACK");
    met.client.destroy();
    assertEquals(tls.CLIENT_RENEG_LIMIT, 3);
  });

  it("is refused after disableRenegotiation", async () => {
    const met = await meet(serverOf(TLS12));
    met.server.disableRenegotiation();
    met.server.on("error", () => met.server.destroy());
    const failed = once(met.server, "error");
    met.client.on("error", () => {});
    met.client.renegotiate({});
    const [error] = await failed;
    assertMatch(error.message, /renegotiation disabled/);
    met.client.destroy();
  });
});
