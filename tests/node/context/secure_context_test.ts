/** The contexts of `node:tls`: the same options are taken and refused as by Node.js 24. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  createSecureContext,
  SecureContext,
} from "../../../src/node/context/secure_context.ts";
import { defaults } from "../../../src/node/defaults.ts";
import { createTestCertificate } from "../../../src/testing/mod.ts";
import { assertCode } from "../../support/assert_code.ts";
import { describeWithNode24, inNode24 } from "../../support/node24.ts";
import { encryptedKey } from "../../support/credentials.ts";
import { optionCases, outcomeOf } from "./option_cases.ts";

const CASES = new URL("option_cases.ts", import.meta.url);

const { cert, key } = createTestCertificate();
const PEMS = {
  cert,
  key,
  encrypted: encryptedKey(key, "secret"),
  other: createTestCertificate().key,
};

describeWithNode24("createSecureContext, beside Node.js 24's", () => {
  it("takes and refuses the same options, with the same errors", async () => {
    const theirs = await inNode24<unknown[]>(CASES, PEMS);
    const ours = optionCases(PEMS).map(({ options }) =>
      outcomeOf(createSecureContext, options)
    );
    const named = (outcomes: unknown[]): Record<string, unknown> =>
      Object.fromEntries(
        optionCases(PEMS).map(({ name }, i) => [name, outcomes[i]]),
      );
    // As JSON, so that what is undefined is left out here too.
    assertEquals(named(JSON.parse(JSON.stringify(ours))), named(theirs));
  });
});

describe("createSecureContext", () => {
  it("says that there are no engines", () => {
    for (
      const options of [
        { clientCertEngine: "x" },
        { privateKeyEngine: "x", privateKeyIdentifier: "x" },
      ]
    ) {
      assertCode(
        () => createSecureContext(options),
        "ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED",
      );
    }
  });

  it("refuses a session id context of more than 32 bytes", () => {
    assertThrows(
      () => createSecureContext({ sessionIdContext: "é".repeat(17) }),
      TypeError,
      "ssl session id context too long",
    );
  });

  it("has the defaults that a program sets", () => {
    const before = { ...defaults };
    try {
      defaults.DEFAULT_MIN_VERSION = "TLSv1.3";
      const { context } = createSecureContext();
      assertEquals(context.getMinProto(), 0x0304);
      defaults.DEFAULT_MIN_VERSION = "x";
      assertCode(createSecureContext, "ERR_TLS_INVALID_PROTOCOL_VERSION");
      Object.assign(defaults, before, { DEFAULT_CIPHERS: "bad" });
      assertCode(createSecureContext, "ERR_SSL_NO_CIPHER_MATCH");
      Object.assign(defaults, before, { DEFAULT_ECDH_CURVE: "bad" });
      assertCode(createSecureContext, "ERR_CRYPTO_OPERATION_FAILED");
    } finally {
      Object.assign(defaults, before);
    }
  });
});

describe("SecureContext", () => {
  it("is made with new or without, and of another object's class", () => {
    class Own extends SecureContext {}
    const own = Object.create(Own.prototype) as SecureContext;
    SecureContext.call(own as never);
    for (const one of [new SecureContext(), SecureContext(), new Own(), own]) {
      assert(one instanceof SecureContext);
      assertEquals(one.context.getMaxProto(), 0x0304);
    }
  });

  it("takes OpenSSL's options, in bits", () => {
    const { context } = new SecureContext(null, 0x4000);
    const { libssl } = context.openssl;
    assertEquals(
      libssl.SSL_CTX_get_options(context.ctx) & 0x4000n,
      0x4000n,
    );
  });

  it("has _external, and no other object has it", () => {
    const { context } = new SecureContext();
    assertEquals(context._external, undefined);
    const other = Object.create(context) as typeof context;
    assertThrows(() => other._external, TypeError);
  });

  it("can be closed, more than once", () => {
    const { context } = new SecureContext();
    context.close();
    context.close();
  });
});
