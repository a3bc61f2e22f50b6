/** Early data with another protocol or name than that of its session. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import {
  carelessAbout,
  eager,
  isTwoHosts,
  NAMES,
  probed,
  selectsAny,
} from "./servers.ts";

describe("Probes of early data on other terms", () => {
  it("other-alpn: fails if the server doesn't compare protocols", async () => {
    using server = carelessAbout("alpn", { setUp: selectsAny });
    const { verdict, facts } = await probed("other-alpn", [server]);
    assertEquals(verdict, "fail");
    assertEquals(facts, { sessionAlpn: "h2", selectedAlpn: "http/1.1" });
  });

  it("other-name: fails at a name of another certificate", async () => {
    using server = new LibsslServer(eager({ setUp: isTwoHosts }));
    const { verdict, severity, facts } = await probed("other-name", [server], {
      names: NAMES,
    });
    assertEquals([verdict, severity], ["fail", "high"]);
    assertEquals(facts, { sameCertificate: false });
  });
});
