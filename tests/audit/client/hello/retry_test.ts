import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import {
  COOKIE,
  EARLY_DATA,
  KEY_SHARE,
} from "../../../../src/audit/client/hello/codes.ts";
import { firstFlight } from "../../../../src/audit/client/hello/first_flight.ts";
import { secondHello } from "../../../../src/audit/client/hello/retry.ts";
import type { ServerHello } from "../../../../src/audit/client/hello/server_hello.ts";
import type { Hello } from "../../../../src/audit/client/hello_types.ts";
import { helloEnvironment } from "../../../../src/audit/client/hello_environment.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import { clientOf } from "../client_of.ts";

const SECP256R1 = 23;
/** The group, the length, and an uncompressed point. */
const P256_SHARE_BYTES = 2 + 2 + 65;

/** The second of a hello with early data and an old cookie. */
function second(retry: Pick<ServerHello, "group" | "extensions">): {
  first: Hello;
  second: Hello;
} {
  using server = new LibsslServer();
  using client = clientOf(server);
  const by = helloEnvironment(client.state, "tls1.3");
  const first = firstFlight({}, by);
  first.extensions.unshift({ type: EARLY_DATA, data: new Uint8Array() });
  first.extensions.push({ type: COOKIE, data: Uint8Array.of(1) });
  const hello: ServerHello = {
    isRetry: true,
    version: "TLSv1.3",
    sessionId: first.sessionId,
    cipherSuite: 0x1301,
    selectedIdentity: null,
    ...retry,
  };
  return { first, second: secondHello(first, hello, {}, by) };
}

function typesOf({ extensions }: Hello): number[] {
  return extensions.map(({ type }) => type);
}

describe("secondHello", () => {
  it("has a key share of the group that was asked for", () => {
    const { first, second: hello } = second({
      group: SECP256R1,
      extensions: [],
    });
    const share = hello.extensions.find(({ type }) => type === KEY_SHARE)?.data;
    assertEquals(share?.length, 2 + P256_SHARE_BYTES);
    assertEquals([...share ?? []].slice(2, 4), [0, SECP256R1]);
    assertEquals(hello.random, first.random);
    assertEquals(hello.cipherSuites, first.cipherSuites);
  });

  it("has the cookie, no early data, and else what the first has", () => {
    const cookie = { type: COOKIE, data: Uint8Array.of(7, 8) };
    const { first, second: hello } = second({
      group: null,
      extensions: [cookie],
    });
    assertEquals(typesOf(hello), typesOf(first).slice(1));
    assertEquals(hello.extensions.at(-1), cookie);
  });
});
