/** BIOs: buffers in memory, and pairs that hand bytes over without copying. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type BIO, type Libssl, OpenSSL } from "../../../src/libssl/mod.ts";
import { made } from "../../support/pair.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What can be read now, as text. */
function read(libssl: Libssl, bio: BIO, count = 100): string {
  const buffer = new Uint8Array(count);
  const length = libssl.BIO_read(bio, buffer);
  return new TextDecoder().decode(buffer.subarray(0, Math.max(length, 0)));
}

describe("a memory BIO", () => {
  it("gives back what was written, once", () => {
    const { libssl } = new OpenSSL();
    const bio = made(libssl.BIO_new_mem());
    assertEquals(libssl.BIO_write(bio, encode("hello")), 5);
    assertEquals(libssl.BIO_write(bio, encode(" there")), 6);
    assertEquals(libssl.BIO_ctrl_pending(bio), 11);
    assertEquals(read(libssl, bio, 7), "hello t");
    assertEquals(libssl.BIO_eof(bio), 0);
    assertEquals(read(libssl, bio), "here");
    assertEquals(libssl.BIO_eof(bio), 1);
    assertEquals(libssl.BIO_read(bio, new Uint8Array(1)), -1);
    assertEquals(libssl.BIO_should_retry(bio), true);
    assertEquals(libssl.BIO_free(bio), 1);
  });

  it("can start with data, and be emptied", () => {
    const { libssl } = new OpenSSL();
    const bio = made(libssl.BIO_new_mem_buf(encode("data")));
    assertEquals(libssl.BIO_reset(bio), 1);
    assertEquals(libssl.BIO_ctrl_pending(bio), 0);
    libssl.BIO_free(bio);
    const empty = made(libssl.BIO_new_mem_buf(new Uint8Array()));
    assertEquals(libssl.BIO_ctrl_pending(empty), 0);
    libssl.BIO_free(empty);
    assertEquals(libssl.BIO_free(null), 0);
  });

  it("grows", () => {
    const { libssl } = new OpenSSL();
    const bio = made(libssl.BIO_new_mem());
    const data = Uint8Array.from({ length: 3_000_000 }, (_, i) => i);
    assertEquals(libssl.BIO_write(bio, data), data.length);
    const out = new Uint8Array(data.length);
    assertEquals(libssl.BIO_read(bio, out), data.length);
    assertEquals(out, data);
    libssl.BIO_free(bio);
  });
});

describe("a BIO pair", () => {
  it("hands over what is written to the other end, up to its size", () => {
    const { libssl } = new OpenSSL();
    const [a, b] = made(libssl.BIO_new_bio_pair(8, 4));
    assertEquals(libssl.BIO_ctrl_get_write_guarantee(a), 8);
    assertEquals(libssl.BIO_ctrl_get_write_guarantee(b), 4);
    assertEquals(libssl.BIO_read(b, new Uint8Array(3)), -1);
    assertEquals(libssl.BIO_ctrl_get_read_request(a), 3);
    assertEquals(libssl.BIO_write(a, encode("0123456789")), 8);
    assertEquals(libssl.BIO_write(a, encode("89")), -1);
    assertEquals(libssl.BIO_should_retry(a), true);
    assertEquals(libssl.BIO_ctrl_wpending(a), 8);
    assertEquals(libssl.BIO_ctrl_pending(b), 8);
    assertEquals(read(libssl, b), "01234567");
    assertEquals(libssl.BIO_ctrl_get_write_guarantee(a), 8);
    libssl.BIO_free(a);
    libssl.BIO_free(b);
  });

  it("has 17 KiB of room unless told", () => {
    const { libssl } = new OpenSSL();
    const [a, b] = made(libssl.BIO_new_bio_pair());
    assertEquals(libssl.BIO_ctrl_get_write_guarantee(a), 17 * 1024);
    libssl.BIO_free(a);
    libssl.BIO_free(b);
  });

  it("is written and read in place", () => {
    const { libssl } = new OpenSSL();
    const [a, b] = made(libssl.BIO_new_bio_pair(8, 8));
    assertEquals(libssl.BIO_nread0(b), null);
    assertEquals(libssl.BIO_nread(b, 1), null);

    assertEquals(libssl.BIO_nwrite0(a)?.length, 8);
    made(libssl.BIO_nwrite(a, 5)).set(encode("abcde"));
    assertEquals(made(libssl.BIO_nread0(b)), encode("abcde"));
    assertEquals(made(libssl.BIO_nread(b, 2)), encode("ab"));
    assertEquals(made(libssl.BIO_nread(b, 100)), encode("cde"));
    assertEquals(libssl.BIO_ctrl_pending(b), 0);

    // The buffer is a ring: what is in one piece ends where it ends.
    assertEquals(libssl.BIO_write(a, new Uint8Array(8)), 8);
    assertEquals(libssl.BIO_nwrite0(a), null);
    assertEquals(libssl.BIO_nwrite(a, 1), null);
    libssl.BIO_free(a);
    libssl.BIO_free(b);
  });

  it("ends where no more will be written", () => {
    const { libssl } = new OpenSSL();
    const [a, b] = made(libssl.BIO_new_bio_pair());
    libssl.BIO_write(a, encode("last"));
    assertEquals(libssl.BIO_shutdown_wr(a), 1);
    assertEquals(libssl.BIO_eof(b), 0);
    assertEquals(read(libssl, b), "last");
    assertEquals(libssl.BIO_read(b, new Uint8Array(1)), 0);
    assertEquals(libssl.BIO_eof(b), 1);
    assertEquals(libssl.BIO_should_retry(b), false);
    libssl.BIO_free(a);
    libssl.BIO_free(b);
  });

  it("is counted in references", () => {
    const { libssl } = new OpenSSL();
    const [a, b] = made(libssl.BIO_new_bio_pair());
    assertEquals(libssl.BIO_up_ref(a), 1);
    libssl.BIO_free(a);
    assertEquals(libssl.BIO_write(a, encode("x")), 1);
    libssl.BIO_free(a);
    assertThrows(() => libssl.BIO_write(a, encode("x")), TypeError, "freed");
    assert(libssl.BIO_read(b, new Uint8Array(1)) <= 0);
    libssl.BIO_free(b);
  });
});
