import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { netError } from "../../../src/tls/deno/net_error.ts";

describe("An error of TCP", () => {
  const address = { hostname: "a.test", port: 443 };

  it("names the address, unless a permission is missing", () => {
    const missing = new Deno.errors.NotCapable("net");
    assertStrictEquals(netError(missing, "connect", address), missing);
    assertStrictEquals(netError("text", "connect", address), "text");
    const refused = new Deno.errors.ConnectionRefused("refused");
    const error = netError(refused, "connect", address);
    assert(error instanceof Deno.errors.ConnectionRefused);
    assertEquals(error.message, "Cannot connect to a.test:443: refused");
    assertStrictEquals(error.cause, refused);
  });
});
