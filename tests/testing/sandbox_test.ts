import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import type { OpenSSL } from "../../src/libssl/openssl.ts";
import type { TlsPairOptions } from "../../src/testing/pair.ts";
import { VirtualClock } from "../../src/testing/clock.ts";
import { createTlsSandbox } from "../../src/testing/sandbox.ts";
import { sandboxInternals } from "../../src/testing/pair/sandbox_internals.ts";
import { TlsContext } from "../../src/tls/context/context.ts";
import { TlsError } from "../../src/internal/tls_error.ts";
import { connected, endsOf } from "../support/engines.ts";
import { run } from "../support/programs.ts";

const DAY = 86_400_000;
const HANDSHAKES = fileURLToPath(
  new URL("../testdata/testing_handshakes.ts", import.meta.url),
);

describe("createTlsSandbox", () => {
  it("makes handshakes that are the same, byte by byte, in two processes", async () => {
    const [one, same, other] = await Promise.all(
      ["one", "one", "other"].map(handshakes),
    );
    assert(one !== undefined && other !== undefined);
    assertEquals(one, same);
    assertEquals(
      one.filter((line) => line.endsWith("resumed: true")).length,
      2,
    );
    // Shorter lines are nothing, or what was resumed.
    const isFlight = (line: string): boolean => line.length > 100;
    const flights = one.filter(isFlight);
    assert(flights.length >= 12, `${flights.length} flights`);
    for (const line of other.filter(isFlight)) assert(!flights.includes(line));
  });

  it("draws a seed that makes the same again", () => {
    using drawn = createTlsSandbox();
    using again = createTlsSandbox({ seed: drawn.seed });
    using another = createTlsSandbox();
    assertEquals(randomOf(drawn.client), randomOf(again.client));
    assertEquals(drawn.pki.ca, again.pki.ca);
    assertNotEquals(another.seed, drawn.seed);
  });

  it("gives client and server nothing in common but the clock", () => {
    using sandbox = createTlsSandbox({ seed: 1, start: new Date(DAY) });
    const { client, server, clock } = sandbox;
    assertEquals(sandbox.seed, "1");
    assertStrictEquals(sandbox.client, client);
    assertStrictEquals(sandbox.server, server);
    assert(client !== server);
    assertNotEquals(randomOf(client), randomOf(server));
    clock.advance(5);
    assertEquals([client.now(), server.now()], [DAY + 5, DAY + 5]);
  });

  it("shares a clock that it is given", () => {
    const clock = new VirtualClock(DAY);
    using one = createTlsSandbox({ clock });
    using other = createTlsSandbox({ clock });
    assertStrictEquals(one.clock, clock);
    clock.advance(5);
    assertEquals([one.client.now(), other.server.now()], [DAY + 5, DAY + 5]);
  });

  it("has certificates that end when its clock says so", () => {
    using sandbox = createTlsSandbox({ seed: "clock" });
    const { pki, clock } = sandbox;
    using server = new TlsContext({ openssl: sandbox.server, ...pki.server });
    using client = new TlsContext({
      openssl: sandbox.client,
      caCerts: [pki.ca.cert],
    });
    connected(server, client)[Symbol.dispose]();
    clock.advance(90 * DAY + 1000);
    using ends = endsOf(server, client);
    ends.server.receive(ends.client.send());
    assertThrows(
      () => ends.client.receive(ends.server.send()),
      TlsError,
      "certificate has expired",
    );
    using renewed = new TlsContext({ openssl: sandbox.server, ...pki.issue() });
    connected(renewed, client)[Symbol.dispose]();
  });

  it("joins its instances, and parts them in the end", async () => {
    const sandbox = createTlsSandbox({ seed: "pair" });
    const { client, server } = sandbox;
    const handles = (): number[] => [
      client.memory.handles,
      server.memory.handles,
    ];
    const first = sandbox.pair();
    await first.handshake();
    first[Symbol.dispose]();
    const before = handles();

    const pair = sandbox.pair({ server: { alpnProtocols: ["a"] } });
    assertStrictEquals(pair.sandbox, sandbox);
    await pair.handshake();
    assertEquals([pair.client.state, pair.server.state], ["open", "open"]);
    assertNotEquals(pair.trace.transcript, first.trace.transcript);
    assertNotEquals(handles(), before);
    sandbox[Symbol.dispose]();
    assertEquals(pair.client.state, "closed");
    assertEquals(handles(), before);
  });

  it("keeps no pair that was disposed of, and ends those that connected again", async () => {
    const sandbox = createTlsSandbox({ seed: "pairs" });
    const { client, server } = sandbox;
    const pairs = sandboxInternals.get(sandbox).pairs;
    for (let i = 0; i < 3; i++) {
      using pair = sandbox.pair();
      await pair.handshake();
      using again = pair.reconnect();
      await again.handshake();
      assertEquals(pairs.size, 2);
    }
    assertEquals(pairs.size, 0);

    const before = [client.memory.handles, server.memory.handles];
    const first = sandbox.pair();
    await first.handshake();
    const second = first.reconnect();
    await second.handshake();
    assertEquals(pairs.size, 2);
    sandbox[Symbol.dispose]();
    assertEquals(pairs.size, 0);
    assertEquals([first, second].map((pair) => pair.client.state), [
      "closed",
      "closed",
    ]);
    const after = [client.memory.handles, server.memory.handles];
    assertEquals(after, before);
  });

  it("joins sockets too", async () => {
    using sandbox = createTlsSandbox({ seed: "sockets" });
    await using pair = sandbox.socketPair({ network: { delay: 5 } });
    assertStrictEquals(pair.sandbox, sandbox);
    await Promise.all([pair.client.opened, pair.server.opened]);
    assertStrictEquals(pair.client.info?.protocol, "TLSv1.3");
  });

  it("takes the key logs of contexts that the test makes, apart by connection", async () => {
    using sandbox = createTlsSandbox({ seed: "keys" });
    const { pki, keyLog } = sandbox;
    using server = new TlsContext({ openssl: sandbox.server, ...pki.server });
    using client = new TlsContext({
      openssl: sandbox.client,
      caCerts: [pki.ca.cert],
      keyLog,
    });
    const contexts = {
      client: { context: client },
      server: { context: server },
    };
    const one = sandbox.pair(contexts);
    const other = sandbox.pair(contexts);
    await Promise.all([one.handshake(), other.handshake()]);
    for (const { trace } of [one, other]) {
      const [hello] = trace.messages({ name: "ClientHello" });
      const random = hello?.message.random.text.replace("…", "");
      assert(random);
      const lines = trace.keyLog.trim().split("\n");
      assert(lines.length >= 5);
      for (const line of lines) assert(line.split(" ")[1]?.startsWith(random));
      assert(trace.toPcapng({ keyLog: true }).length > 0);
    }
  });

  it("refuses contexts of the default instance whose time is another", async () => {
    using sandbox = createTlsSandbox({ start: 0 });
    using context = new TlsContext({ caCerts: [sandbox.pki.ca.cert] });
    const { message } = assertThrows(
      () => sandbox.pair({ client: { context } }),
      TypeError,
    );
    const today = new Date().toISOString().slice(0, 10);
    assertEquals(
      message.replace(today, "TODAY"),
      "options.client.context must have the sandbox's time, 1970-01-01, " +
        "received the system's, TODAY: create it with { openssl: sandbox.client }, " +
        "or the sandbox with { start: Date.now() }",
    );
    using present = createTlsSandbox({ start: Date.now() });
    using trusting = new TlsContext({ caCerts: [present.pki.ca.cert] });
    const pair = present.pair({ client: { context: trusting } });
    await pair.handshake();
    assertEquals(pair.client.state, "open");
  });

  it("takes an option that is undefined for none", async () => {
    const nothing = undefined;
    using sandbox = createTlsSandbox({
      seed: nothing,
      start: nothing,
      clock: nothing,
    });
    const pair = sandbox.pair({
      client: { hostname: nothing, session: nothing, earlyData: nothing },
      server: { context: nothing },
      network: { delay: nothing, toClient: { drop: nothing } },
      redact: nothing,
    });
    await pair.handshake();
    const again = pair.reconnect({ hostname: nothing, session: nothing });
    await again.handshake();
    assertEquals(again.server.resumption?.resumed, true);
    again[Symbol.dispose]();
  });

  it("makes pairs nowhere else", () => {
    using sandbox = createTlsSandbox();
    const options = { seed: 1 } as TlsPairOptions;
    assertThrows(() => sandbox.pair(options), TypeError, "options.seed can't");
  });

  it("lets go of its instances in the end", () => {
    const sandbox = createTlsSandbox();
    sandbox.client.libssl.RAND_bytes(1);
    sandbox[Symbol.dispose]();
    sandbox[Symbol.dispose]();
    assertThrows(() => sandbox.client, TypeError, "is disposed");
    assertThrows(() => sandbox.server, TypeError, "is disposed");
  });

  it("takes no option that isn't one", () => {
    const make = (options: object) => () => createTlsSandbox(options);
    assertThrows(make({ sede: 1 }), TypeError, "options.sede is not an option");
    assertThrows(make({ seed: null }), TypeError, "seed must be");
    assertThrows(make({ start: "now" }), TypeError, "start must be");
    assertThrows(make({ clock: Date }), TypeError, "options.clock must be");
    const clock = new VirtualClock();
    assertThrows(make({ clock, start: 0 }), TypeError, "options.start can't");
    assertThrows(make({ start: NaN }), RangeError, "start must be");
  });
});

async function handshakes(seed: string): Promise<string[]> {
  const { code, stdout, stderr } = await run(Deno.execPath(), [
    "run",
    "--allow-read",
    HANDSHAKES,
    seed,
  ]);
  assertEquals(code, 0, stderr);
  return stdout.split("\n");
}

function randomOf({ libssl }: OpenSSL): string | undefined {
  return libssl.RAND_bytes(32)?.toHex();
}
