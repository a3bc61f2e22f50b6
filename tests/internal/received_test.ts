/** What errors say of a value, and which option they take for the one that was meant. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { received } from "../../src/internal/received.ts";
import { adviceOn, similarName } from "../../src/internal/similar_name.ts";

describe("What was received", () => {
  const values: readonly (readonly [value: unknown, words: string])[] = [
    ["a\n", '"a\\n"'],
    ["a".repeat(40), `"${"a".repeat(40)}"`],
    ["a".repeat(41), `"${"a".repeat(40)}"... (41 characters)`],
    ["-----BEGIN PRIVATE KEY-----\nc2VjcmV0", "a string of PEM"],
    ["\n-----BEGIN CERTIFICATE-----\n", "a string of PEM"],
    [() => "secret", "a function"],
    [[], "an empty array"],
    [["secret"], "an array"],
    [1.5, "1.5"],
    [10n, "10"],
    [Symbol("s"), "Symbol(s)"],
    [null, "null"],
    [undefined, "undefined"],
    [{ key: "secret" }, "an object"],
    [Object.create(null), "an object"],
    [new Map([["secret", 1]]), "an object of class Map"],
    [new Uint8Array(2), "an object of class Uint8Array"],
  ];
  for (const [value, words] of values) {
    it(`is ${words}`, () => assertEquals(received(value), words));
  }
});

describe("The option that was meant", () => {
  const names = ["caCerts", "cert", "hostname", "sessions", "key"];
  it("is one whose name is cut short", () => {
    assertEquals(similarName("maxEntry", ["maxEntries"]), "maxEntries");
    assertEquals(similarName("maxent", ["maxEntries"]), undefined);
    assertEquals(similarName("maxE", ["maxEntries"]), undefined);
  });

  it("is described where another option does the same", () => {
    assertEquals(
      adviceOn("certFile", names),
      "cert takes the content of a file",
    );
    assertEquals(adviceOn("ciphers", names), undefined);
    assertEquals(
      adviceOn("ciphers", ["configure"]),
      'configure takes ["CipherString", …]',
    );
    assertEquals(adviceOn("sesions", names), "did you mean sessions?");
    assertEquals(adviceOn("toString", names), undefined);
  });

  it("is what other programs call differently, if there is such a one", () => {
    assertEquals(similarName("ca", names), "caCerts");
    assertEquals(similarName("servername", names), "hostname");
    assertEquals(similarName("servername", ["cert"]), undefined);
    // A property of each object is no name of an option.
    assertEquals(similarName("constructor", names), undefined);
  });

  it("is one that a slip of the pen makes of it", () => {
    assertEquals(similarName("sesions", names), "sessions");
    assertEquals(similarName("HostNmae", names), "hostname");
    assertEquals(similarName("kye", names), "key");
    assertEquals(similarName("k", names), undefined);
  });

  it("is none of those, for a name longer than an option's", () => {
    const long = "a".repeat(41);
    assertEquals(similarName(long, [long.slice(1)]), undefined);
    assertEquals(similarName(long.slice(1), [long.slice(2)]), long.slice(2));
  });
});
