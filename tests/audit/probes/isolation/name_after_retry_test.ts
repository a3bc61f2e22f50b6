import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertVerdict, verdictsOf } from "../../findings_of.ts";
import { separateHosts, sharingHosts } from "../../wrong/hosts.ts";
import { LibsslServer, PKI } from "../../wrong/libssl_server.ts";
import { clock, rightServer } from "./right_servers.ts";

const names = ["a.example", "b.example"];
const HOSTS = { "b.example": { certificate: PKI.wrongHost } };

describe("isolation/name-after-retry", () => {
  const probe = "isolation/name-after-retry";

  it("passes where a name may not change", async () => {
    const other = rightServer(PKI.wrongHost);
    const server = rightServer({
      contextFor: (name) => name === "b.example" ? other : undefined,
    });
    const finding = await assertVerdict(server, probe, "pass", {
      names,
      clock,
    });
    assertMatch(finding.summary, /illegal_parameter/);
  });

  it("passes where the host is chosen again", async () => {
    using server = separateHosts(HOSTS);
    const finding = await assertVerdict(server, probe, "pass", { names });
    assertMatch(finding.summary, /full handshake/);
  });

  it("warns where the first name decides for the second", async () => {
    using server = separateHosts(HOSTS, { keepsFirst: true });
    assertEquals(await verdictsOf(server, probe, { names }), {
      "tls1.3": "warn",
    });
  });

  it("has nothing to see where names share sessions", async () => {
    using server = sharingHosts(HOSTS);
    await assertVerdict(server, probe, "not applicable", { names });
  });

  it("needs another name", async () => {
    using server = new LibsslServer();
    const { summary } = await assertVerdict(server, probe, "not applicable");
    assertMatch(summary, /name/);
  });
});
