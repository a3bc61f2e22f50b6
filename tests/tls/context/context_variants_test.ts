import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { contextVariants } from "../../../src/tls/context/context.ts";

const certificate = createTestCertificate();

describe("A variant of a context", () => {
  it("is made once for each context and change", () => {
    using context = new TlsContext(certificate);
    const made = new Map<object, TlsContext>();
    const variation = { changes: {}, keepsTicketKeys: true, made };
    using variant = contextVariants.get(context)(variation);
    assertNotStrictEquals(variant, context);
    assertStrictEquals(contextVariants.get(context)(variation), variant);
    assertEquals([...made], [[context, variant]]);
    using other = contextVariants.get(context)({
      ...variation,
      made: new Map(),
    });
    assertNotStrictEquals(other, variant);
  });
});
