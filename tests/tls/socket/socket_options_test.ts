/** A context of the caller's, or options of one: not both. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsContext } from "@sesame/tls";
import { ownContext } from "../../../src/tls/socket/socket_options.ts";
import { certificate, contextOf } from "../../support/engines.ts";

describe("The context of a socket", () => {
  it("is the caller's, and stays it, or is made of options", () => {
    using context = contextOf();
    assertEquals(ownContext(context, {}), { context, isOwn: false });
    const made = ownContext(undefined, certificate);
    assertEquals(made.isOwn, true);
    made.context.close();
  });

  it("is a context, without options beside it", () => {
    using context = contextOf();
    assertThrows(
      () => ownContext({} as TlsContext, {}),
      TypeError,
      "options.context must be a TlsContext, received",
    );
    assertThrows(
      () => ownContext(context, { alpnProtocols: ["h2"] }),
      TypeError,
      "options.alpnProtocols can't be used with options.context",
    );
  });
});
