/** Errors with Node.js's codes. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL } from "../../../src/libssl/mod.ts";
import {
  connectionError,
  contextError,
  takeEntries,
} from "../../../src/node/errors/openssl_errors.ts";
import {
  alpnCallbackInvalidResult,
  connectionReset,
  dhParamSize,
  invalidContext,
  tlsError,
} from "../../../src/node/errors/tls_errors.ts";
import { verifyError } from "../../../src/node/errors/verify_errors.ts";

const { libssl } = OpenSSL.default;

describe("the error of OpenSSL's queue", () => {
  it("has the first entry's code, and the others' texts", () => {
    fail();
    const error = contextError(libssl);
    assertEquals({ ...error }, {
      library: "PEM routines",
      reason: "no start line",
      code: "ERR_OSSL_PEM_NO_START_LINE",
      opensslErrorStack: [libssl.ERR_error_string(9 << 23 | 108)],
    });
    assertEquals(error.message, "error:0480006C:PEM routines::no start line");
    assertEquals(libssl.ERR_peek_error(), 0);
  });

  it("is of the newest entry, if that is asked for", () => {
    fail();
    const error = contextError(libssl, "newest");
    assertEquals(error.code, "ERR_OSSL_PEM_NO_START_LINE");
    assertEquals(error.opensslErrorStack, undefined);
  });

  it("has no code where there is no entry", () => {
    const error = contextError(libssl);
    assertEquals({ ...error }, {});
    assertEquals(connectionError(libssl, []).code, undefined);
  });

  it("has a code of TLS's on a connection, wherever it comes from", () => {
    fail();
    const error = connectionError(libssl, takeEntries(libssl));
    assertEquals(error.code, "ERR_SSL_NO_START_LINE");
    assertEquals(error.message.trim().split("\n").length, 2);
  });

  function fail(): void {
    libssl.ERR_clear_error();
    for (let i = 0; i < 2; i++) {
      const bio = libssl.BIO_new_mem();
      assert(bio !== null);
      libssl.PEM_read_bio_X509(bio);
      libssl.BIO_free(bio);
    }
  }
});

describe("the error of a certificate", () => {
  it("has OpenSSL's name as its code, or one for what Node doesn't name", () => {
    const codes = [10, 18, 19, 20, 21, 62, 66, 4711].map((result) =>
      verifyError(libssl, result)?.code
    );
    assertEquals(codes, [
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "HOSTNAME_MISMATCH",
      "UNSPECIFIED",
      "UNSPECIFIED",
    ]);
    assertEquals(verifyError(libssl, 0), null);
    assertEquals(
      verifyError(libssl, 10)?.message,
      "certificate has expired",
    );
  });
});

describe("an error of node:tls", () => {
  it("shows its code in its text and its stack, and is of its class", () => {
    const error = tlsError("ERR_TLS_CERT_ALTNAME_FORMAT");
    assert(error instanceof SyntaxError);
    assertEquals(error.name, "SyntaxError");
    const text = "SyntaxError [ERR_TLS_CERT_ALTNAME_FORMAT]: " + error.message;
    assertEquals(String(error), text);
    assert(error.stack?.startsWith(`${text}\n`));
    assertEquals(Object.keys(error), ["code"]);
    for (
      const [made, Class, code] of [
        [invalidContext("context"), TypeError, "ERR_TLS_INVALID_CONTEXT"],
        [dhParamSize(1024), Error, "ERR_TLS_DH_PARAM_SIZE"],
        [
          alpnCallbackInvalidResult("h3", ["h2", "http/1.1"]),
          TypeError,
          "ERR_TLS_ALPN_CALLBACK_INVALID_RESULT",
        ],
      ] as const
    ) {
      assert(made instanceof Class);
      assertEquals(made.code, code);
    }
  });

  it("has no code in the text of a connection that was reset", () => {
    const error = connectionReset("gone", { host: "a.example" });
    assertEquals({ ...error }, { code: "ECONNRESET", host: "a.example" });
    assertEquals(String(error), "Error: gone");
  });
});
