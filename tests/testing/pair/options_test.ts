/** Options of pairs that are no good, by the name that the caller knows them by. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsVersion } from "@sesame/tls";
import { VirtualClock } from "../../../src/testing/clock.ts";
import {
  createTlsPair,
  type TlsPairOptions,
  type TlsReconnectOptions,
} from "../../../src/testing/pair.ts";
import { createTlsSandbox } from "../../../src/testing/sandbox.ts";

describe("createTlsPair", () => {
  const wrong: [string, unknown, string][] = [
    [
      "TypeError",
      { sed: 1 },
      "options.sed is not an option of createTlsPair: did you mean seed?",
    ],
    ["TypeError", null, "options must be an object, received null"],
    [
      "TypeError",
      { client: 1 },
      "options.client must be an object, received 1",
    ],
    [
      "TypeError",
      { network: "x" },
      'options.network must be an object, received "x"',
    ],
    [
      "TypeError",
      { clock: Date.now },
      "options.clock must be a VirtualClock, received a function",
    ],
    [
      "TypeError",
      { seed: {} },
      "options.seed must be a string or a finite number, received an object",
    ],
    [
      "TypeError",
      { redact: 1 },
      "options.redact must be a boolean, received 1",
    ],
    [
      "TypeError",
      { server: { cart: "" } },
      "options.server.cart is not an option of TlsContext: did you mean cert?",
    ],
    ...["hostname", "session", "earlyData"].map((
      name,
    ): [string, unknown, string] => [
      "TypeError",
      { server: { [name]: "localhost" } },
      `options.server.${name} is not an option of TlsContext${
        name === "session" ? ": did you mean sessions?" : ""
      }`,
    ]),
    [
      "TypeError",
      { server: createTlsSandbox().pki },
      "options.server must be options, received a TestPki: pass pki.server",
    ],
    [
      "TypeError",
      { client: { clientAuth: "require", caCerts: [] } },
      'options.client.clientAuth "require" needs options.client.caCerts to verify clients',
    ],
    [
      "TypeError",
      { client: { context: 1 } },
      "options.client.context must be a TlsContext, received 1",
    ],
    [
      "TypeError",
      { client: { keyLog: 1 } },
      "options.client.keyLog must be a function, received 1",
    ],
    [
      "TypeError",
      { client: { hostname: "" } },
      'options.client.hostname must be a host name or IP address, without scheme or port, received ""',
    ],
    [
      "RangeError",
      { network: { delay: -1 } },
      "options.network.delay must be a finite number of at least 0, received -1",
    ],
    [
      "TypeError",
      { sandbox: createTlsSandbox(), seed: 1 },
      "options.seed can't be used with options.sandbox, which has its own",
    ],
    [
      "TypeError",
      { sandbox: createTlsSandbox(), clock: new VirtualClock() },
      "options.clock can't be used with options.sandbox, which has its own",
    ],
  ];
  for (const [name, options, message] of wrong) {
    it(`refuses: ${message}`, () => {
      const error = assertThrows(
        () => createTlsPair(options as TlsPairOptions),
        Error,
      );
      assertEquals([error.name, error.message], [name, message]);
    });
  }

  it("connects again by no other options than there are", () => {
    using pair = createTlsPair();
    assertThrows(
      () => pair.reconnect({ netwrok: {} } as TlsReconnectOptions),
      TypeError,
      "options.netwrok is not an option",
    );
  });

  it("frees what it made when an option is wrong", () => {
    const sandbox = createTlsSandbox({ seed: "wrong" });
    const measure = (): number[] => {
      assertThrows(() => createTlsPair({ sandbox, client: { hostname: "" } }));
      assertThrows(() =>
        createTlsPair({ sandbox, network: { delay: NaN } as never })
      );
      assertThrows(() =>
        createTlsPair({ sandbox, server: { minVersion: "x" as TlsVersion } })
      );
      return [sandbox.client.memory.used, sandbox.server.memory.used];
    };
    const [client = 0, server = 0] = measure();
    for (let i = 0; i < 10; i++) measure();
    const [clientAfter = 0, serverAfter = 0] = measure();
    // A context takes kilobytes; the heap's own shape, some bytes.
    assert(clientAfter - client < 256, `${client}, ${clientAfter}`);
    assert(serverAfter - server < 256, `${server}, ${serverAfter}`);
  });
});
