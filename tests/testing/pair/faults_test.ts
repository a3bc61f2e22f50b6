/**
 * What becomes of a handshake when the network fails it, at every byte and at every message
 * of it: the ends find out, and nothing hangs or is left behind.
 */
import type { Endpoint } from "../../../src/testing/endpoint.ts";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { OpenSSLMemory, TlsEngine, TlsVersion } from "@sesame/tls";
import type { NetworkFaults } from "../../../src/testing/network.ts";
import { createTlsPair, type TlsPair } from "../../../src/testing/pair.ts";
import { createTestPki } from "../../../src/testing/pki.ts";
import type { TraceEvent } from "../../../src/testing/trace.ts";
import {
  createTlsSandbox,
  type TlsSandbox,
} from "../../../src/testing/sandbox.ts";

const DIRECTIONS = ["toServer", "toClient"] as const;
type DirectionName = typeof DIRECTIONS[number];

const HANDSHAKES = [
  { version: "TLSv1.2", resumed: false },
  { version: "TLSv1.2", resumed: true },
  { version: "TLSv1.3", resumed: false },
  { version: "TLSv1.3", resumed: true },
] as const;

/** A handshake that can be done again, with faults. */
class Trial implements Disposable {
  readonly sandbox: TlsSandbox = createTlsSandbox({ seed: "faults" });
  readonly #first: TlsPair;
  readonly #resumed: boolean;

  constructor({ version, resumed }: { version: TlsVersion; resumed: boolean }) {
    // Ed25519 is quicker, and its signatures are all of one length.
    const pki = createTestPki({
      seed: "faults",
      keyType: "Ed25519",
      now: this.sandbox.clock.now,
    });
    const groups = ["Groups", "X25519:P-256"] as const;
    this.#resumed = resumed;
    this.#first = createTlsPair({
      sandbox: this.sandbox,
      client: {
        configure: [groups],
        maxVersion: version,
        caCerts: [pki.ca.cert],
      },
      server: {
        configure: [groups],
        // A short chain, and no sessions but for those who resume.
        ...pki.issue({ issuer: pki.ca }),
        tickets: resumed ? "stateless" : "off",
      },
    });
  }

  /** Has the client been given a session. */
  async begin(): Promise<void> {
    await this.#first.handshake();
    await this.#first.close();
  }

  /** The handshake, not begun. */
  pair(faults: Partial<Record<DirectionName, NetworkFaults>> = {}): TlsPair {
    return this.#first.reconnect({
      network: faults,
      ...(!this.#resumed && { session: null }),
    });
  }

  [Symbol.dispose](): void {
    this.#first[Symbol.dispose]();
  }
}

/**
 * Has a handshake fail at each place in its bytes, checks what becomes of it, and looks for
 * what it leaves.
 */
async function everywhere(
  kind: typeof HANDSHAKES[number],
  faultsAt: (at: number) => NetworkFaults,
  check: (
    pair: TlsPair,
    direction: DirectionName,
    at: number,
  ) => void | Promise<void>,
): Promise<void> {
  using trial = new Trial(kind);
  await trial.begin();
  const lengths = { toServer: 0, toClient: 0 };
  {
    using pair = trial.pair();
    await pair.handshake();
    assertEquals(pair.server.resumption?.resumed, kind.resumed);
    for (const direction of DIRECTIONS) {
      lengths[direction] = pair.network.captured[direction].length;
    }
  }
  const sweep = async (step: number): Promise<OpenSSLMemory[]> => {
    for (const direction of DIRECTIONS) {
      for (let at = 0; at < lengths[direction]; at += step) {
        using pair = trial.pair({ [direction]: faultsAt(at) });
        await pair.handshake();
        try {
          await check(pair, direction, at);
        } catch (cause) {
          // To write down each handshake beforehand would take longer than to have it.
          throw new Error(`${direction} ${at}:\n${pair.trace}`, { cause });
        }
      }
    }
    // It clears what the last failure has left in OpenSSL's error queue.
    using pair = trial.pair();
    await pair.handshake();
    pair[Symbol.dispose]();
    return [trial.sandbox.client.memory, trial.sandbox.server.memory];
  };
  // The first time OpenSSL makes what it keeps for ever, such as names of what it has read.
  const before = await sweep(1);
  const after = await sweep(5);
  for (const [i, { used, handles }] of after.entries()) {
    assertEquals(handles, before[i]?.handles);
    // OpenSSL keeps the buffers of its errors' texts: a connection would be thousands.
    const growth = used - (before[i]?.used ?? 0);
    assert(Math.abs(growth) < 512, `${growth} bytes`);
  }
}

function ends({ client, server }: TlsPair): [Endpoint, TlsEngine][] {
  return [["client", client], ["server", server]];
}

/** Whether a place is in the header of a record: what isn't, is authenticated. */
function isInHeader(stream: Uint8Array, place: number): boolean {
  for (let at = 0; at <= place;) {
    if (place < at + 5) return true;
    at += 5 + ((stream[at + 3] ?? 0) << 8 | (stream[at + 4] ?? 0));
  }
  return false;
}

describe("A byte that is changed on its way", () => {
  for (const kind of HANDSHAKES) {
    const name = `${kind.version}, ${kind.resumed ? "resumed" : "full"}`;
    it(`never goes unnoticed where it counts (${name})`, async () => {
      const outcomes = { open: 0, alert: 0, other: 0, silent: 0, stalled: 0 };
      const corrupt = (at: number): NetworkFaults => ({
        corrupt: { at, xor: 1 + at % 255 },
      });
      await everywhere(kind, corrupt, async (pair, direction, at) => {
        assertEquals(pair.trace.events.some(isNote), true);
        const isHeader = isInHeader(pair.network.captured[direction], at);
        if (pair.client.error ?? pair.server.error) {
          const failure = failureOf(pair);
          outcomes[failure]++;
          if (failure === "silent") assert(isHeader);
        } else if (await isUsable(pair)) {
          // A header's version doesn't count.
          outcomes.open++;
          assert(isHeader);
        } else {
          // A length says that there is more to come: an end waits for ever.
          outcomes.stalled++;
        }
      });
      assert(outcomes.alert > 300, JSON.stringify(outcomes));
      assert(outcomes.open > 0 && outcomes.open < 30, JSON.stringify(outcomes));
    });
  }

  it("can be one of a message", async () => {
    using trial = new Trial({ version: "TLSv1.3", resumed: false });
    for (const [message, name] of [[0, "ServerHello"], [4, "Finished"]]) {
      const at = { message: Number(message), byte: 1 };
      using pair = trial.pair({ toClient: { corrupt: { at } } });
      await pair.handshake();
      const [change] = pair.trace.events.filter(({ type }) => type === "note");
      assert(change, "no note");
      const sent = pair.trace.messages({ from: "server" });
      assertEquals(sent[Number(message)]?.message.name, name);
      assertEquals(failureOf(pair), "alert");
    }
  });
});

function isNote({ type }: TraceEvent): boolean {
  return type === "note";
}

/** Whether both ends are open, with the same keys, and hear each other. */
async function isUsable(pair: TlsPair): Promise<boolean> {
  const isOpen = ends(pair).every(([, { state }]) => state === "open");
  if (!isOpen) return false;
  const [one, other] = ends(pair).map(([, engine]) =>
    engine.exportKeyingMaterial(32, "test")
  );
  assertEquals(one, other);
  const heard = [
    await pair.say("client", "ping"),
    await pair.say("server", "pong"),
  ];
  return heard.map((bytes) => new TextDecoder().decode(bytes)).join() ===
    "ping,pong";
}

/**
 * Both ends have failed; `"alert"` if one has said why and the other understood it, `"other"`
 * if it took the alert for something else, as one does that waits for encrypted records, and
 * `"silent"` if there was none: none answers what isn't TLS.
 */
function failureOf(pair: TlsPair): "alert" | "other" | "silent" {
  for (const [, { state }] of ends(pair)) assertEquals(state, "failed");
  const [alert] = pair.trace.events.filter((event) =>
    event.type === "alert" && event.level === "fatal"
  );
  if (alert?.type !== "alert") return "silent";
  const isHeard = alert.arrival === "received";
  for (const [end, { error }] of ends(pair)) {
    if (end === alert.from || isHeard) {
      assert(error?.alert !== undefined);
    }
  }
  return isHeard ? "alert" : "other";
}

describe("A connection that is reset", () => {
  for (const kind of HANDSHAKES.filter(({ resumed }) => resumed)) {
    it(`at any byte fails both ends (${kind.version})`, async () => {
      await everywhere(kind, (atByte) => ({ drop: { atByte } }), (pair) => {
        assertEquals(pair.network.isDead, true);
        for (const [, { state, error }] of ends(pair)) {
          assertEquals([state, error?.code], ["failed", "truncated"]);
        }
      });
    });
  }

  for (const kind of HANDSHAKES) {
    const name = `${kind.version}, ${kind.resumed ? "resumed" : "full"}`;
    it(`before any message delivers those before it (${name})`, async () => {
      using trial = new Trial(kind);
      await trial.begin();
      using whole = trial.pair();
      await whole.handshake();
      for (const direction of DIRECTIONS) {
        const from = direction === "toServer" ? "client" : "server";
        const all = whole.trace.messages({ from });
        assert(all.length >= 2);
        for (let atMessage = 0; atMessage < all.length; atMessage++) {
          using pair = trial.pair({ [direction]: { drop: { atMessage } } });
          await pair.handshake();
          const where = `${direction} ${atMessage}:\n${pair.trace}`;
          assertEquals(pair.network.isDead, true, where);
          const names = pair.trace.messages({ from })
            .filter(({ arrival }) => arrival === "received")
            .map(({ message }) => message.name);
          assertEquals(
            names,
            all.slice(0, atMessage).map(({ message }) => message.name),
            where,
          );
          for (const [, { state }] of ends(pair)) {
            assertEquals(state, "failed", where);
          }
        }
        // There is no message behind the last.
        using pair = trial.pair({
          [direction]: { drop: { atMessage: all.length } },
        });
        await pair.handshake();
        assertEquals([pair.client.state, pair.server.state], ["open", "open"]);
      }
    });
  }
});

describe("A stream that ends early", () => {
  for (const kind of HANDSHAKES.filter(({ resumed }) => resumed)) {
    it(`at any byte fails the end that reads it (${kind.version})`, async () => {
      const truncate = (at: number): NetworkFaults => ({ truncate: { at } });
      await everywhere(kind, truncate, (pair, direction) => {
        const reader = direction === "toServer" ? pair.server : pair.client;
        assertEquals(reader.state, "failed");
        assertEquals(reader.error?.code, "truncated");
        assertEquals(pair.network.isDead, false);
        // The other end is told by the end of its own direction.
        const other = reader === pair.server ? pair.client : pair.server;
        assertEquals(other.state, "failed");
        assertNotEquals(other.error, null);
      });
    });
  }

  it("in between is told from one in good order", async () => {
    for (const isClosed of [false, true]) {
      using pair = createTlsPair({ seed: "ends" });
      await pair.handshake();
      if (isClosed) pair.server.close();
      await pair.run();
      pair.network.end("server");
      await pair.run();
      assertEquals(pair.client.error?.code, isClosed ? undefined : "truncated");
      assertEquals(pair.client.peerClosed, isClosed);
    }
  });
});
