import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { made } from "../../support/pair.ts";
import { Peers, testCertificate } from "../../support/peers.ts";

describe("PEM_read_bio_SSL_SESSION", () => {
  it("skips text and certificates in front of the session", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const session = peers.visit(peers.server(), peers.client());
    const text = `text\n${testCertificate("P-256").cert}`;
    const bio = made(libssl.BIO_new_mem_buf(new TextEncoder().encode(text)));
    peers.defer(() => libssl.BIO_free(bio));
    assertEquals(libssl.PEM_write_bio_SSL_SESSION(bio, session), 1);
    const again = made(libssl.PEM_read_bio_SSL_SESSION(bio));
    peers.defer(() => libssl.SSL_SESSION_free(again));
    assertEquals(
      libssl.i2d_SSL_SESSION(again),
      libssl.i2d_SSL_SESSION(session),
    );
    assertEquals(libssl.PEM_read_bio_SSL_SESSION(bio), null);
  });
});
