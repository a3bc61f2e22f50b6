/** What the machine reads of a client hello, whatever the client wrote. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, SSL_CLIENT_HELLO_ERROR } from "../../../src/libssl/mod.ts";
import type { ClientHello } from "../../../src/libssl/machine_types.ts";
import { opensslInternals } from "../../../src/libssl/openssl_internals.ts";
import { rawClientHello } from "../../support/client_hello.ts";

const SERVER_NAME = 0;
const PRE_SHARED_KEY = 41;
const SUPPORTED_VERSIONS = 43;

/** What `look` sees of a hello with these extensions, by their types. */
function read<T>(
  extensions: Record<number, number[]>,
  look: (hello: ClientHello) => T,
): T {
  const openssl = OpenSSL.default;
  const { libssl } = openssl;
  const { machine } = opensslInternals.get(openssl);
  const ctx = libssl.SSL_CTX_new(libssl.TLS_method());
  assert(ctx);
  machine.serve(ctx);
  const connection = machine.connect(ctx, {
    role: "server",
    pairBytes: 0,
    readsEarlyData: false,
  });
  assert(connection);
  const seen: T[] = [];
  connection.owner = {
    onNewSession: () => {},
    onHello: (hello) => {
      seen.push(look(hello));
      return {
        result: SSL_CLIENT_HELLO_ERROR,
        alert: 0,
        terms: undefined,
        finds: 0,
      };
    },
  };
  connection.run({ incoming: rawClientHello(extensions) });
  connection.free();
  libssl.SSL_CTX_free(ctx);
  libssl.ERR_clear_error();
  assertEquals(seen.length, 1);
  return seen[0] as T;
}

describe("Of a client hello", () => {
  it("the host name is the first one of a whole list", () => {
    const name = [0x41, 0x2e, 0x42]; // "A.B"
    const list = (type: number, length = name.length): number[] => [
      ...[0, name.length + 3, type, 0, length],
      ...name,
    ];
    const hostName = (...body: number[]): string | null =>
      read({ [SERVER_NAME]: body }, (hello) => hello.hostName);
    assertEquals(hostName(...list(0)), "A.B");
    assertEquals(hostName(...list(1)), null);
    assertEquals(hostName(...list(0, 0)), null);
    assertEquals(hostName(...list(0, 200)), null);
    assertEquals(hostName(), null);
    assertEquals(read({}, (hello) => hello.hostName), null);
  });

  it("the versions are looked through for TLS 1.3", () => {
    const offers = (...body: number[]): boolean =>
      read({ [SUPPORTED_VERSIONS]: body }, (hello) => hello.offersTls13);
    assertEquals(offers(4, 3, 3, 3, 4), true);
    assertEquals(offers(2, 3, 3), false);
    // Those that stand across two versions, or end early, are none.
    assertEquals(offers(4, 0, 3, 4, 0), false);
    assertEquals(offers(2, 3), false);
    assertEquals(offers(), false);
    assertEquals(read({}, (hello) => hello.offersTls13), false);
  });

  it("the identities are those that are whole, of a whole list", () => {
    const identity = (id: number[]): number[] => [
      ...[0, id.length, ...id],
      ...[0, 0, 0, 9],
    ];
    const both = [...identity([1, 2]), ...identity([3])];
    const identities = (...body: number[]): number[][] =>
      read(
        { [PRE_SHARED_KEY]: body },
        (hello) => hello.identities().map((id) => [...id]),
      );
    const binders = [0, 2, 1, 7];
    assertEquals(identities(0, both.length, ...both, ...binders), [[1, 2], [
      3,
    ]]);
    assertEquals(identities(0, both.length - 1, ...both), [[1, 2]]);
    assertEquals(identities(0, 200, ...both), []);
    assertEquals(identities(), []);
    assertEquals(read({}, (hello) => hello.hasIdentities), false);
  });
});
