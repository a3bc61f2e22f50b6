/** Which connections of an agent further requests get. */
import { once } from "node:events";
import { get } from "node:https";
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  HttpsAgent,
  type UndiciConnector,
  undiciConnector,
} from "../../../src/node/http/mod.ts";
import type { TLSSocket } from "../../../src/node/mod.ts";
import type { SessionStore } from "../../../src/stores/session_store.ts";
import { assertCode } from "../../support/assert_code.ts";
import { HttpsSite } from "../../support/https_site.ts";
import { PKI } from "../../support/node_tls.ts";

describe("HttpsAgent", () => {
  it("uses no connection whose server was verified in another way", async () => {
    await using site = await HttpsSite.start(({ url }) => new Response(url));
    const agent = new HttpsAgent({ ca: PKI.ca.cert, keepAlive: true });
    const ask = async (options: object = {}): Promise<number | undefined> => {
      const request = get({
        host: "localhost",
        port: site.port,
        agent,
        ...options,
      });
      const [response] = await once(request, "response");
      await once(response.resume(), "end");
      return response.statusCode;
    };
    assertEquals(await ask(), 200);
    await assertRejects(
      () => ask({ checkServerIdentity: () => new Error("not pinned") }),
      Error,
      "not pinned",
    );
    assertEquals(await ask({ allowPartialTrustChain: true }), 200);
    assertEquals(connections(agent), 2);
    agent.destroy();
  });

  it("refuses what is no store when it is made, as undiciConnector does", () => {
    const sessions = new Map() as unknown as SessionStore;
    for (
      const make of [
        () => new HttpsAgent({ sessions }),
        () => undiciConnector({ sessions }),
      ]
    ) assertCode(make, "ERR_INVALID_ARG_TYPE");
  });
});

describe("undiciConnector", () => {
  it("refuses a wrong option when it is made", () => {
    const wrong: readonly [object, string][] = [
      [{ allowH2: 1 }, "ERR_INVALID_ARG_TYPE"],
      [{ connectTimeout: "1" }, "ERR_INVALID_ARG_TYPE"],
      [{ connectTimeout: -1 }, "ERR_OUT_OF_RANGE"],
      [{ connectTimeout: 2 ** 31 }, "ERR_OUT_OF_RANGE"],
      [{ checkServerIdentity: true }, "ERR_INVALID_ARG_TYPE"],
      [{ minDHSize: 0 }, "ERR_OUT_OF_RANGE"],
      [{ ca: 1 }, "ERR_INVALID_ARG_TYPE"],
      [{ ciphers: "none such" }, "ERR_SSL_NO_CIPHER_MATCH"],
    ];
    for (const [options, code] of wrong) {
      assertCode(() => undiciConnector(options), code);
    }
  });

  it("connects without a limit of time, and resumes", async () => {
    await using site = await HttpsSite.start(({ url }) => new Response(url));
    const { cert: ca } = PKI.ca;
    const connector = undiciConnector({ ca, connectTimeout: 0 });
    for (const resumes of [false, true]) {
      const socket = await connected(connector, site.port);
      assertEquals(socket.isSessionReused(), resumes);
      socket.write(
        "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
      );
      await once(socket.resume(), "close");
    }
  });
});

function connected(
  connector: UndiciConnector,
  port: number,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    connector(
      { hostname: "localhost", protocol: "https:", port: String(port) },
      (error, socket) => error ? reject(error) : resolve(socket as TLSSocket),
    );
  });
}

/** How many connections of an agent wait for a request. */
function connections({ freeSockets }: HttpsAgent): number {
  return Object.values(freeSockets).flat().length;
}
