import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { byteCopy, byteView } from "../../src/internal/byte_view.ts";
import { OpenSSL, TlsContext, TlsEngine, TlsSession } from "../../mod.ts";
import { SpoofedBytes } from "../support/spoofed_bytes.ts";

describe("byteView", () => {
  it("sees the bytes of a view, at its offset", () => {
    const bytes = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    assertEquals(byteView(bytes, "bytes"), new Uint8Array([1, 2]));
  });

  it("takes a subclass by its slots, not by what it says", () => {
    const view = byteView(new SpoofedBytes([1, 2]), "bytes");
    assertEquals(view.constructor, Uint8Array);
    assertEquals([...view], [1, 2]);
  });

  it("has a fixed length over a buffer that grows", () => {
    const buffer = new SharedArrayBuffer(2, { maxByteLength: 8 });
    const view = byteView(new Uint8Array(buffer), "bytes");
    buffer.grow(8);
    assertEquals(view.length, 2);
  });

  it("copies into a buffer of its own", () => {
    const bytes = new Uint8Array([1, 2]);
    const copy = byteCopy(bytes, "bytes");
    bytes.fill(9);
    assertEquals([...copy], [1, 2]);
  });

  it("refuses a detached buffer, and a view that a buffer shrank away from", () => {
    const detached = new Uint8Array(4);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
    const outside = new Uint8Array(buffer, 4, 4);
    buffer.resize(6);
    for (const bytes of [detached, outside]) {
      assertThrows(
        () => byteView(bytes, "bytes"),
        TypeError,
        "bytes must be a Uint8Array, received one whose buffer is detached or too short",
      );
    }
  });

  it("refuses what only looks like a Uint8Array", () => {
    const values = [
      Object.create(Uint8Array.prototype),
      new Proxy(new Uint8Array(4), {}),
      new Uint16Array(2),
      new DataView(new ArrayBuffer(2)),
      { length: 2, [Symbol.toStringTag]: "Uint8Array" },
      [1, 2],
      null,
    ];
    for (const value of values) {
      assertThrows(
        () => byteView(value, "bytes"),
        TypeError,
        "bytes must be a Uint8Array, received",
      );
    }
  });
});

describe("bytes that lie about their length", () => {
  const spoofed = (length = 4): SpoofedBytes => new SpoofedBytes(length);

  it("write no more into the module than they have", () => {
    const openssl = new OpenSSL();
    const { libssl } = openssl;
    const bio = libssl.BIO_new_mem();
    if (bio === null) throw new Error("No BIO");
    assertEquals(libssl.BIO_write(bio, spoofed()), 4);
    const out = spoofed();
    assertEquals(libssl.BIO_read(bio, out), 4);
    assertEquals(libssl.HMAC("SHA256", spoofed(16), spoofed())?.length, 32);
    assertEquals(libssl.d2i_SSL_SESSION(spoofed()), null);
    libssl.BIO_free(bio);
    assertEquals(libssl.RAND_bytes(8)?.length, 8); // it lives
  });

  it("are taken by an engine for what they are", () => {
    using context = new TlsContext({ caCerts: [], openssl: new OpenSSL() });
    assertThrows(
      () => TlsSession.fromBytes(spoofed()),
      Error,
      "Cannot decode the session",
    );
    assertThrows(
      () => new TlsContext({ ticketKeys: [spoofed()] }),
      RangeError,
      "must be 80 bytes each, received one of 4",
    );
    assertThrows(
      () => new TlsEngine(context, { role: "client", hostname: "a.test" }),
      TypeError,
    );
  });
});
