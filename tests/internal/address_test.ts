import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { formatAddress, parseAddress } from "../../src/internal/address.ts";

describe("An address", () => {
  for (
    const [text, hostname, port] of [
      ["192.0.2.1:443", "192.0.2.1", 443],
      ["[2001:db8::1]:8443", "2001:db8::1", 8443],
      ["localhost:0", "localhost", 0],
    ] as const
  ) {
    it(`is written as ${text} and read again`, () => {
      assertEquals(formatAddress({ hostname, port }), text);
      assertEquals(parseAddress(text), { hostname, port });
    });
  }

  for (const text of ["", "localhost", "::1:443", "[::1]", "a:b", "a:1:2"]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assertEquals(parseAddress(text), undefined);
    });
  }
});
