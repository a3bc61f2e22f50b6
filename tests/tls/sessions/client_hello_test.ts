/** What is read of a client hello, whatever the client wrote. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type ClientHello,
  readClientHello,
} from "../../../src/tls/sessions/client_hello.ts";

type Fields = Parameters<typeof readClientHello>[0];

function read(fields: Partial<Record<keyof Fields, number[]>>): ClientHello {
  const bytes = (name: keyof Fields): Uint8Array =>
    Uint8Array.from(fields[name] ?? []);
  return readClientHello({
    random: bytes("random"),
    sessionId: bytes("sessionId"),
    serverName: bytes("serverName"),
    ticket: bytes("ticket"),
    preSharedKey: bytes("preSharedKey"),
    supportedVersions: bytes("supportedVersions"),
    allowsTls13: true,
  });
}

describe("Of a client hello", () => {
  it("the server name is the first host name, in lower case", () => {
    const name = [0x41, 0x2e, 0x42]; // "A.B"
    const list = (type: number, length = name.length): number[] => [
      ...[0, name.length + 3, type, 0, length],
      ...name,
    ];
    assertEquals(read({ serverName: list(0) }).serverName, "a.b");
    assertEquals(read({ serverName: list(1) }).serverName, null);
    assertEquals(read({ serverName: list(0, 0) }).serverName, null);
    assertEquals(read({ serverName: list(0, 200) }).serverName, "a.b");
    assertEquals(read({}).serverName, null);
  });

  it("the versions are looked through for TLS 1.3", () => {
    const offers = (...versions: number[]): boolean =>
      read({ supportedVersions: versions }).offersTls13;
    assertEquals(offers(4, 3, 3, 3, 4), true);
    assertEquals(offers(2, 3, 3), false);
    // Those that stand across two versions, or end early, are none.
    assertEquals(offers(4, 0, 3, 4, 0), false);
    assertEquals(offers(2, 3), false);
    assertEquals(offers(), false);
  });

  it("the identities are those that are whole", () => {
    const identity = (id: number[]): number[] => [
      ...[0, id.length, ...id],
      ...[0, 0, 0, 9],
    ];
    const both = [...identity([1, 2]), ...identity([3])];
    const identities = (...bytes: number[]): number[][] =>
      read({ preSharedKey: bytes }).pskIdentities.map((id) => [...id]);
    const binders = [0, 2, 1, 7];
    assertEquals(identities(0, both.length, ...both, ...binders), [[1, 2], [
      3,
    ]]);
    assertEquals(identities(0, both.length - 1, ...both), [[1, 2]]);
    assertEquals(identities(0, 200, ...both.slice(0, -1)), [[1, 2]]);
    assertEquals(identities(), []);
  });
});
