/** Early data that is replayed, at servers that accept it again. */
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertVerdict } from "../../findings_of.ts";
import { type FrontAnswer, helloFront } from "../../wrong/hello_front.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import { forgetful, onceEach, probed } from "./servers.ts";

describe("Probes of early data that is replayed", () => {
  it("replay: fails if a node accepts it again", async () => {
    using server = new LibsslServer(forgetful());
    const { verdict, severity, facts } = await probed("replay", [server]);
    assertEquals([verdict, severity], ["fail", "high"]);
    assertEquals(facts, {
      replays: 3,
      accepted: 3,
      httpStatuses: [200, 200, 200],
    });
  });

  it("replay: finds the group that the server insists on", async () => {
    using server = new LibsslServer(forgetful({
      setUp: (libssl, ctx) => libssl.SSL_CTX_set1_groups_list(ctx, "P-256"),
    }));
    const { verdict, summary } = await probed("replay", [server]);
    assertEquals(verdict, "fail", summary);
  });

  it("replay: warns if HTTP asks for it after the handshake", async () => {
    using server = new LibsslServer(forgetful({
      answer: () => new TextEncoder().encode("HTTP/1.1 425 Too Early\r\n\r\n"),
    }));
    const { verdict, severity } = await probed("replay", [server]);
    assertEquals([verdict, severity], ["warn", "low"]);
  });

  it("replay-other-node: warns if nodes share a ticket key and no memory", async () => {
    const options = forgetful({ setUp: onceEach });
    using one = new LibsslServer(options);
    using two = new LibsslServer(options);
    assertEquals((await probed("replay", [one])).verdict, "pass");
    const { verdict, summary } = await probed("replay-other-node", [one, two]);
    assertEquals(verdict, "warn");
    assertMatch(summary, /at another node is accepted$/);
    using stranger = new LibsslServer({ ...options, seed: "stranger" });
    const found = await probed("replay-other-node", [one, stranger]);
    assertEquals(found.verdict, "pass");
  });

  it("replay-after-restart: fails if the ticket key outlives the memory", async () => {
    const options = forgetful({ setUp: onceEach });
    const servers = [new LibsslServer(options)];
    const { verdict, severity } = await probed(
      "replay-after-restart",
      servers,
      {
        change: () => void (servers[0] = new LibsslServer(options)),
      },
    );
    assertEquals([verdict, severity], ["fail", "medium"]);
  });

  it("replay-after-restart: says nothing of a server that is still starting", async () => {
    const options = forgetful({ setUp: onceEach });
    let server = new LibsslServer(options);
    let isStarting = false;
    const front = helloFront({ connect: () => server.connect() }, {
      hello(): FrontAnswer {
        const wasStarting = isStarting;
        isStarting = false;
        return wasStarting ? "close" : null;
      },
    });
    await assertVerdict(
      { ...front, clock: server.clock },
      "early-data/replay-after-restart",
      "inconclusive",
      {
        change: () => {
          server = new LibsslServer(options);
          isStarting = true;
        },
      },
    );
  });
});
