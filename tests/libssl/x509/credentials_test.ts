/** Certificates with their keys, chains and lists of the revoked, in OpenSSL's own words. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { X509_V_OK } from "../../../src/libssl/mod.ts";
import { makeChain } from "../../support/chain.ts";
import { made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

describe("A certificate with its key", () => {
  it("is set with its chain, once for each type unless it is to be replaced", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { root, intermediate, leaf } = makeChain(peers);
    const ctx = peers.client();
    const use = (key = leaf.key, override = 0): number =>
      libssl.SSL_CTX_use_cert_and_key(
        ctx,
        leaf.cert,
        key,
        [intermediate.cert],
        override,
      );
    assertEquals(use(), 1);
    assertEquals([use(), use(leaf.key, 1), use(root.key, 1)], [0, 1, 0]);
    assertEquals(libssl.SSL_CTX_check_private_key(ctx), 1);
    assertThrows(() => use(leaf.key, 2), RangeError, "override");
    assertThrows(
      () =>
        libssl.SSL_CTX_use_cert_and_key(ctx, leaf.cert, leaf.key, [
          root.key as never,
        ], 0),
      TypeError,
      "Expected a handle of X509",
    );
    libssl.ERR_clear_error();
  });

  it("belongs to it, and to its issuer", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { root, intermediate, leaf } = makeChain(peers);
    assertEquals(libssl.X509_check_private_key(leaf.cert, leaf.key), 1);
    assertEquals(libssl.X509_check_private_key(leaf.cert, root.key), 0);
    assertEquals(
      libssl.X509_check_issued(intermediate.cert, leaf.cert),
      X509_V_OK,
    );
    assertEquals(
      libssl.X509_check_issued(root.cert, leaf.cert) === X509_V_OK,
      false,
    );
    libssl.ERR_clear_error();
  });

  it("is read with what it is trusted for, and named in DER", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { leaf } = makeChain(peers, "a");
    const der = made(libssl.i2d_X509(leaf.cert));
    const again = made(libssl.d2i_X509_AUX(der));
    const name = made(libssl.X509_get_subject_name_der(again));
    // A sequence of one set of one pair: the common name, and "a" in UTF-8.
    assertEquals([...name], [48, 12, 49, 10, 48, 8, 6, 3, 85, 4, 3, 12, 1, 97]);
    assertEquals(libssl.SSL_CTX_add_client_CA(peers.client(), again), 1);
    libssl.X509_free(again);
    assertEquals(libssl.d2i_X509_AUX(Uint8Array.of(48, 0)), null);
    libssl.ERR_clear_error();
  });
});

describe("A list of revoked certificates", () => {
  it("is made, read and added to those of a store", () => {
    using peers = new Peers();
    const { libssl, nowMs } = peers;
    const { root, leaf } = makeChain(peers);
    const crl = made(libssl.X509_CRL_new());
    const now = new Date(nowMs);
    assertEquals([
      libssl.X509_CRL_set_version(crl, 1),
      libssl.X509_CRL_set_issuer(crl, root.cert),
      libssl.X509_CRL_set_lastUpdate(crl, now),
      libssl.X509_CRL_set_nextUpdate(crl, now),
      libssl.X509_CRL_add_revoked(crl, leaf.cert, now),
    ], [1, 1, 1, 1, 1]);
    assertEquals(libssl.X509_CRL_sign(crl, root.key, "NONSENSE"), 0);
    assertEquals(libssl.X509_CRL_sign(crl, root.key, "SHA256") > 0, true);
    const der = made(libssl.i2d_X509_CRL(crl));
    const again = made(libssl.d2i_X509_CRL(der));
    assertEquals(libssl.i2d_X509_CRL(again), der);
    const store = made(libssl.X509_STORE_new());
    assertEquals(libssl.X509_STORE_add_crl(store, again), 1);
    for (const list of [crl, again]) libssl.X509_CRL_free(list);
    assertThrows(() => libssl.i2d_X509_CRL(crl), TypeError, "freed");
    libssl.X509_STORE_free(store);
    assertEquals(libssl.d2i_X509_CRL(Uint8Array.of(48, 0)), null);
    libssl.ERR_clear_error();
  });
});
