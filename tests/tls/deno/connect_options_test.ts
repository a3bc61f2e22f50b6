/** What connectTls refuses before anybody is called, and whom it trusts by default. */
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ConnectTlsOptions } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import {
  clientContext,
  ownConnectOptions,
} from "../../../src/tls/deno/connect_options.ts";
import { certificate } from "../../support/engines.ts";

const SERVER = { hostname: "a.test", port: 443 };

describe("Options of connectTls", () => {
  it("are taken if they are of their types", () => {
    const options: ConnectTlsOptions = {
      ...SERVER,
      servername: "b.test",
      sessions: new MemorySessionStore(),
      earlyData: new Uint8Array(),
      signal: new AbortController().signal,
      handshakeTimeout: 1,
    };
    assertEquals({ ...ownConnectOptions(options) }, options);
  });

  const wrong: [option: object, type: ErrorConstructor, words: string][] = [
    [{ hostname: "a.test:443" }, TypeError, "options.hostname"],
    [{ servername: "b.test/" }, TypeError, "servername must be a host name"],
    [{ port: 65_536 }, RangeError, "options.port"],
    [{ session: {} }, TypeError, "options.session must be a TlsSession"],
    [{ sessions: {} }, TypeError, "options.sessions"],
    [
      { sessions: new MemorySessionStore(), earlyData: "GET" },
      TypeError,
      "options.earlyData must be a Uint8Array",
    ],
    [
      { earlyData: new Uint8Array(1) },
      TypeError,
      "options.earlyData needs options.session",
    ],
    [{ signal: {} }, TypeError, "options.signal"],
    [{ handshakeTimeout: 0 }, RangeError, "options.handshakeTimeout"],
  ];
  for (const [option, type, words] of wrong) {
    it(`are refused: ${words}`, () => {
      const options = { ...SERVER, ...option } as ConnectTlsOptions;
      assertThrows(() => ownConnectOptions(options), type, words);
    });
  }

  it("have a context of their own, but where none of them says anything of it", () => {
    const shared = clientContext(SERVER);
    assert(!shared.isOwn);
    assertStrictEquals(clientContext(SERVER).context, shared.context);
    for (
      const option of [
        { alpnProtocols: ["h2"] },
        { caCerts: [certificate.cert] },
        { minVersion: "TLSv1.3" as const },
      ]
    ) {
      const { context, isOwn } = clientContext({ ...SERVER, ...option });
      assert(isOwn && context !== shared.context);
      context.close();
    }
    const given = clientContext({ ...SERVER, context: shared.context });
    assertEquals(given, { context: shared.context, isOwn: false });
  });
});
