/** Lists of protocols, as they go over the wire. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { convertALPNProtocols } from "../../src/node/alpn.ts";
import { assertCode } from "../support/assert_code.ts";

describe("convertALPNProtocols", () => {
  it("writes the length of each name before it", () => {
    assertEquals(converted(["h2", "é"]), Buffer.from("\x02h2\x02é"));
    assertEquals(converted([]), Buffer.alloc(0));
  });

  it("copies what is on the wire already", () => {
    const wire = Buffer.from("\x02h2");
    const copy = converted(wire);
    wire.fill(0);
    assertEquals(copy, Buffer.from("\x02h2"));
    const view = new DataView(Uint8Array.of(9, 2, 104, 50).buffer, 1);
    assertEquals(converted(view), Buffer.from("\x02h2"));
  });

  it("leaves out what is neither", () => {
    assertEquals(converted(undefined), undefined);
    assertEquals(converted("h2" as never), undefined);
  });

  it("refuses names that are empty or too long, and lists that break off", () => {
    for (
      const [protocols, code] of [
        [[""], "ERR_INVALID_ARG_VALUE"],
        [["x".repeat(256)], "ERR_OUT_OF_RANGE"],
        [Buffer.from("\x02h"), "ERR_INVALID_ARG_VALUE"],
        [Buffer.from("\x00"), "ERR_INVALID_ARG_VALUE"],
      ] as const
    ) {
      assertCode(() => converted(protocols), code);
    }
  });
});

function converted(
  protocols: Parameters<typeof convertALPNProtocols>[0],
): Buffer | undefined {
  const out: { ALPNProtocols?: Buffer } = {};
  convertALPNProtocols(protocols, out);
  return out.ALPNProtocols;
}
