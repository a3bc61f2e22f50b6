/** A network's options: which are refused, and in what words. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { NetworkOptions } from "../../../src/testing/network.ts";
import { bytes, newNetwork } from "./setup.ts";

describe("A network's options", () => {
  const wrong: [string, unknown, string][] = [
    ["TypeError", null, "options must be an object, received null"],
    [
      "TypeError",
      { dely: 1 },
      "options.dely is not an option of Network: did you mean delay?",
    ],
    [
      "TypeError",
      { delay: "1" },
      'options.delay must be a number or a function, received "1"',
    ],
    [
      "RangeError",
      { delay: -1 },
      "options.delay must be a finite number of at least 0, received -1",
    ],
    [
      "RangeError",
      { fragment: 0 },
      "options.fragment must be a whole number of at least 1, received 0",
    ],
    [
      "TypeError",
      { fragment: "1" },
      'options.fragment must be a number, received "1"',
    ],
    [
      "TypeError",
      { toServer: 1 },
      "options.toServer must be an object, received 1",
    ],
    [
      "TypeError",
      { toServer: { delay: 1 } },
      "options.toServer.delay is not an option of a direction",
    ],
    [
      "RangeError",
      { toServer: { corrupt: { at: -1 } } },
      "options.toServer.corrupt.at must be a whole number of at least 0, received -1",
    ],
    [
      "TypeError",
      { toClient: { corrupt: {} } },
      "options.toClient.corrupt.at must be a number, received undefined",
    ],
    [
      "RangeError",
      { toServer: { corrupt: { at: 0, xor: 0 } } },
      "options.toServer.corrupt.xor must be a whole number from 1 to 255, received 0",
    ],
    [
      "RangeError",
      { toServer: { corrupt: { at: { message: 0.5 } } } },
      "options.toServer.corrupt.at.message must be a whole number of at least 0, received 0.5",
    ],
    [
      "RangeError",
      { toServer: { corrupt: { at: { message: 0, byte: -1 } } } },
      "options.toServer.corrupt.at.byte must be a whole number of at least 0, received -1",
    ],
    [
      "RangeError",
      { toServer: { truncate: { at: NaN } } },
      "options.toServer.truncate.at must be a whole number of at least 0, received NaN",
    ],
    [
      "TypeError",
      { toServer: { drop: {} } },
      "options.toServer.drop must have either atByte or atMessage",
    ],
    [
      "TypeError",
      { toServer: { drop: { atByte: 1, atMessage: 1 } } },
      "options.toServer.drop must have either atByte or atMessage",
    ],
    [
      "RangeError",
      { toServer: { drop: { atMessage: -1 } } },
      "options.toServer.drop.atMessage must be a whole number of at least 0, received -1",
    ],
    [
      "TypeError",
      { toServer: { replay: {} } },
      "options.toServer.replay must be a Capture, such as network.captured, received an object",
    ],
    [
      "TypeError",
      {
        toServer: {
          replay: newNetwork().network.captured,
          drop: { atMessage: 0 },
        },
      },
      "options.toServer.replay can't be combined with the position of a handshake message: replayed bytes have no messages",
    ],
  ];
  for (const [name, options, message] of wrong) {
    it(`are refused: ${message}`, () => {
      const error = assertThrows(
        () => newNetwork(options as NetworkOptions),
        Error,
      );
      assertEquals([error.name, error.message], [name, message]);
    });
  }

  it("are refused when a delay's function gives nonsense", () => {
    for (const delay of [NaN, -1, Infinity]) {
      const { network } = newNetwork({ delay: () => delay });
      network.send("client", bytes("a"));
      assertThrows(
        () => network.deliver(),
        RangeError,
        `options.delay must return a finite number of at least 0, received ${delay}`,
      );
    }
  });
});
