import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  optionError,
  optionMessage,
  optionName,
  type OptionPath,
  optionPathOf,
  optionRangeError,
  optionTypeError,
  withOptionPath,
} from "../../src/internal/option_error.ts";
import { TlsError } from "../../src/internal/tls_error.ts";

/** An option as a flag of a command line. */
const flag = (path: OptionPath): string => `--${path.at(-1)}`;

describe("An error about an option", () => {
  it("carries the path of the option", () => {
    const error = optionTypeError("cert", "must be a string, received null");
    assert(error instanceof TypeError);
    assertEquals(error.message, "options.cert must be a string, received null");
    assertEquals(optionPathOf(error), ["cert"]);
    assertEquals(Reflect.get(error, "optionPath"), ["cert"]);
  });

  it("carries the whole path where options are a part of others", () => {
    const make = (): never => {
      throw optionRangeError(["certificates", 0, "key"], "must be PEM");
    };
    const error = assertThrows(
      () => withOptionPath("server", () => withOptionPath([], make)),
      RangeError,
    );
    assertEquals(
      error.message,
      "options.server.certificates[0].key must be PEM",
    );
    assertEquals(optionPathOf(error), ["server", "certificates", 0, "key"]);
  });

  it("can be a TlsError, whose other fields stay", () => {
    const error = assertThrows(() =>
      withOptionPath("server", () => {
        throw optionError(
          "key",
          (nameOf) => `Cannot use ${nameOf(["key"])} with ${nameOf(["cert"])}`,
          (message, optionPath) =>
            new TlsError("certificate", message, {
              optionPath,
              reason: "key values mismatch",
            }),
        );
      }), TlsError);
    assertEquals(
      error.message,
      "Cannot use options.server.key with options.server.cert",
    );
    assertEquals(error.optionPath, ["server", "key"]);
    assertEquals(error.code, "certificate");
    assertEquals(error.reason, "key values mismatch");
    assertEquals(optionMessage(error, flag), "Cannot use --key with --cert");
  });
});

describe("An error about no option", () => {
  it("has no path, and stays what it is", () => {
    const error = new TypeError("options.cert is only text here");
    assertEquals(optionPathOf(error), undefined);
    assertEquals(optionMessage(error, flag), undefined);
    const thrown = assertThrows(() =>
      withOptionPath("server", () => {
        throw error;
      })
    );
    assert(thrown === error);
    assertEquals(optionPathOf("text"), undefined);
    assertEquals(new TlsError("closed", "The end").optionPath, undefined);
  });
});

describe("The name of an option", () => {
  it("is how JavaScript reaches it", () => {
    assertEquals(optionName([]), "options");
    assertEquals(optionName(["ca", 1, "x"]), "options.ca[1].x");
  });
});
