/** Errors: OpenSSL's queue, and arguments that never reach C. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Libssl, SSL, SSL_CTX } from "../../src/libssl/mod.ts";
import { made } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";

describe("the error queue", () => {
  it("is first in, first out, and can be looked at", () => {
    using peers = new Peers();
    const { libssl } = peers;
    assertEquals(libssl.ERR_get_error(), 0);
    assertEquals(libssl.ERR_get_error_all(), null);
    const session = made(libssl.SSL_SESSION_new());
    libssl.SSL_SESSION_set1_id(session, new Uint8Array(33));
    libssl.SSL_SESSION_free(session);
    libssl.SSL_CTX_set_cipher_list(peers.client(), "NONSENSE");

    const first = libssl.ERR_peek_error();
    const newest = libssl.ERR_peek_last_error();
    assertEquals([first, newest].map(libssl.ERR_reason_error_string), [
      "ssl session id too long",
      "no cipher match",
    ]);
    assertEquals(libssl.ERR_get_error(), first);
    assertEquals(libssl.ERR_get_error(), newest);
    assertEquals(libssl.ERR_get_error(), 0);
  });

  it("has words for its errors", () => {
    using peers = new Peers();
    const { libssl } = peers;
    assertEquals(libssl.SSL_CTX_set_cipher_list(peers.client(), "NONSENSE"), 0);
    const error = made(libssl.ERR_get_error_all());
    assertEquals(error, {
      code: error.code,
      library: "SSL routines",
      reason: "no cipher match",
      data: null,
    });
    assertEquals(libssl.ERR_lib_error_string(error.code), "SSL routines");
    assertMatch(
      libssl.ERR_error_string(error.code),
      /^error:[0-9A-F]{8}:SSL routines::no cipher match$/,
    );
    assertEquals(libssl.ERR_lib_error_string(0), null);
    assertEquals(libssl.ERR_reason_error_string(0), null);
  });

  it("can be emptied", () => {
    using peers = new Peers();
    const { libssl } = peers;
    libssl.SSL_CTX_set_cipher_list(peers.client(), "NONSENSE");
    libssl.ERR_clear_error();
    assertEquals(libssl.ERR_peek_error(), 0);
  });
});

describe("an argument that C couldn't take is refused, with what was received", () => {
  type Call = (libssl: Libssl, ctx: SSL_CTX, ssl: SSL) => unknown;
  const any = <T>(value: unknown): T => value as T;

  const TYPES: [string, Call][] = [
    [
      "mode must be a number, received string",
      (libssl, ctx) => libssl.SSL_CTX_set_mode(ctx, any("1")),
    ],
    [
      "op must be a bigint, received number",
      (libssl, ctx) => libssl.SSL_CTX_set_options(ctx, any(1)),
    ],
    [
      "sid_ctx must be a Uint8Array, received string",
      (libssl, ctx) => libssl.SSL_CTX_set_session_id_context(ctx, any("id")),
    ],
    [
      "buf must be a Uint8Array, received object",
      (libssl, _ctx, ssl) => libssl.SSL_write(ssl, any(new ArrayBuffer(1))),
    ],
    [
      "buf must be a Uint8Array, received null",
      (libssl, _ctx, ssl) => libssl.SSL_read(ssl, any(null)),
    ],
    [
      "Expected a string, received number",
      (libssl, ctx) => libssl.SSL_CTX_set_cipher_list(ctx, any(1)),
    ],
    [
      "Expected a string, received undefined",
      (libssl, _ctx, ssl) => libssl.SSL_set1_host(ssl, any(undefined)),
    ],
    [
      "Expected a string without NUL characters",
      (libssl, _ctx, ssl) => libssl.SSL_set1_host(ssl, "good.example\0.evil"),
    ],
    [
      "callback must be a function or null, received object",
      (libssl, ctx) => libssl.SSL_CTX_set_info_callback(ctx, any({})),
    ],
  ];

  const RANGES: [string, Call][] = [
    [
      "version must be an integer from 0 to 65535, received 65536",
      (libssl, ctx) => libssl.SSL_CTX_set_min_proto_version(ctx, 65536),
    ],
    [
      "level must be an integer from 0 to 5, received 6",
      (libssl, ctx) => libssl.SSL_CTX_set_security_level(ctx, 6),
    ],
    [
      "num_tickets must be an integer from 0 to 4294967295, received -1",
      (libssl, ctx) => libssl.SSL_CTX_set_num_tickets(ctx, -1),
    ],
    [
      "t must be an integer from 0 to 2147483647, received 0.5",
      (libssl, ctx) => libssl.SSL_CTX_set_timeout(ctx, 0.5),
    ],
    [
      "tm must be an integer from -9007199254740991 to 9007199254740991, received NaN",
      (libssl, ctx) => libssl.SSL_CTX_flush_sessions_ex(ctx, NaN),
    ],
    [
      "op must have at most 64 bits, received 18446744073709551616",
      (libssl, ctx) => libssl.SSL_CTX_set_options(ctx, 2n ** 64n),
    ],
    [
      "length must be an integer from 0 to 65535, received 65536",
      (libssl, _ctx, ssl) =>
        libssl.SSL_export_keying_material(ssl, 65536, "label", null),
    ],
    [
      "code must be 2 bytes, received 3",
      (libssl, _ctx, ssl) => libssl.SSL_CIPHER_find(ssl, new Uint8Array(3)),
    ],
    [
      "id must be at most 32 bytes, received 33",
      (libssl, _ctx, ssl) =>
        libssl.SSL_has_matching_session_id(ssl, new Uint8Array(33)),
    ],
    [
      "num must be an integer from 0 to 2147483647, received -1",
      (libssl, _ctx, ssl) =>
        libssl.BIO_nread(made(libssl.SSL_get_rbio(ssl)), -1),
    ],
  ];

  for (
    const [ErrorClass, cases] of [
      [TypeError, TYPES],
      [RangeError, RANGES],
    ] as const
  ) {
    for (const [message, call] of cases) {
      it(`${ErrorClass.name}: ${message}`, () => {
        using peers = new Peers();
        const ctx = peers.server();
        const pair = peers.pair(ctx, peers.client());
        assertThrows(
          () => call(peers.libssl, ctx, pair.client),
          ErrorClass,
          message,
        );
        pair.handshake();
      });
    }
  }
});
