/** Which connections of an agent further requests get. */
import { once } from "node:events";
import { get } from "node:https";
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HttpsAgent, undiciConnector } from "../../../src/node/http/mod.ts";
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

/** How many connections of an agent wait for a request. */
function connections({ freeSockets }: HttpsAgent): number {
  return Object.values(freeSockets).flat().length;
}
