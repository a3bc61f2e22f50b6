import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { certificate, connected, contextOf } from "../../support/engines.ts";

describe("What is known of a connection", () => {
  it("has the peer's certificate, or null if it showed none", () => {
    using context = contextOf({ caCerts: [certificate.cert] });
    using ends = connected(context);
    assertEquals(ends.server.info?.peerCertificate, null);
    const info = ends.client.info;
    assert(info?.peerCertificate);
    assertStrictEquals(info.peerCertificate, info.peerCertificate);
    assert(Object.isFrozen(info) && Object.isFrozen(info.peerCertificate));
  });
});
