import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FakeTime } from "@std/testing/time";
import { TlsError } from "../../src/internal/tls_error.ts";
import { OpenSSL } from "../../src/libssl/openssl.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { createTestCertificate } from "../../src/testing/certificate.ts";
import { clockInternals, VirtualClock } from "../../src/testing/clock.ts";
import {
  TlsContext,
  type TlsContextOptions,
} from "../../src/tls/context/context.ts";
import { connected, endsOf } from "../support/engines.ts";
import { VERSIONS } from "../support/site.ts";

const START = Date.UTC(2031, 1, 2, 3, 4, 5);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const SESSION_PLACES: Record<string, () => TlsContextOptions> = {
  "that are tickets": () => ({ tickets: "stateless" }),
  "in the instance's memory": () => ({ tickets: "stateful" }),
  "in a store": () => ({ sessions: new MemorySessionStore() }),
};

describe("VirtualClock", () => {
  it("starts at a time that is always the same, or the one given", () => {
    assertEquals(new VirtualClock().now(), Date.UTC(2030, 0, 1));
    assertEquals(new VirtualClock(START).now(), START);
    assertEquals(new VirtualClock(new Date(START)).now(), START);
    assertEquals(new VirtualClock(0).now(), 0);
  });

  it("stands still unless moved, forwards or back", () => {
    const clock = new VirtualClock(START);
    const { now } = clock;
    clock.advance(1500);
    assertEquals(now(), START + 1500);
    clock.advance(0);
    assertEquals(now(), START + 1500);
    clock.set(START - 1);
    assertEquals(now(), START - 1);
    clock.set(new Date(START));
    assertEquals(now(), START);
  });

  it("takes no time that isn't one, and then stays as it was", () => {
    const clock = new VirtualClock(START);
    for (const time of [NaN, Infinity, -Infinity, new Date(NaN)]) {
      assertThrows(() => new VirtualClock(time), RangeError, "start must be");
      assertThrows(() => clock.set(time), RangeError, "time must be");
      assertThrows(() => clock.advance(Number(time)), RangeError, "ms must be");
    }
    for (const time of ["2030", null, {}, 1n] as unknown as number[]) {
      assertThrows(() => new VirtualClock(time), TypeError, "start must be");
      assertThrows(() => clock.set(time), TypeError, "time must be");
      assertThrows(() => clock.advance(time), TypeError, "ms must be");
    }
    assertThrows(() => clock.advance(-1), RangeError, "not be negative");
    assertEquals(clock.now(), START);
  });
});

describe("VirtualClock.after()", () => {
  it("tells when the first of those who wait has its turn", () => {
    const clock = new VirtualClock(START);
    assertEquals(clock.next, null);
    clock.after(20, () => {});
    const cancel = clock.after(10, () => {});
    assertEquals(clock.next, START + 10);
    cancel();
    assertEquals(clock.next, START + 20);
    clock.advance(20);
    assertEquals(clock.next, null);
  });

  it("tells of those who begin to wait from now on", async () => {
    const clock = new VirtualClock(START);
    clock.after(1, () => {});
    const next = clockInternals.get(clock).watchWaits();
    const first = next();
    clock.after(5, () => {})();
    clock.after(20, () => {});
    assertEquals(await first, START + 20);
    clock.after(10, () => {});
    assertEquals(await next(), START + 10);
  });
});

describe("VirtualClock.following()", () => {
  it("goes as the other does, and is moved besides", () => {
    let time = START;
    const clock = VirtualClock.following(() => time);
    assertEquals(clock.now(), START);
    time += 5;
    clock.advance(10);
    assertEquals(clock.now(), START + 15);
    clock.set(START - 1);
    assertEquals(clock.now(), START - 1);
    time += 2;
    assertEquals(clock.now(), START + 1);
  });

  it("ends waits when it is moved itself", () => {
    let time = START;
    const clock = VirtualClock.following(() => time);
    let isOver = false;
    clock.after(10, () => void (isOver = true));
    time += 10;
    assertEquals([isOver, clock.next], [false, START + 10]);
    clock.advance(0);
    assertEquals([isOver, clock.next], [true, null]);
  });

  it("needs a function", () => {
    assertThrows(
      () => VirtualClock.following(START as unknown as () => number),
      TypeError,
      "now must be a function, received 1",
    );
  });
});

describe("FakeTime", () => {
  it("is the time of an instance that was there before, and of its certificates", () => {
    const openssl = new OpenSSL();
    using time = new FakeTime(START);
    assertEquals(openssl.now(), START);
    const { cert, key } = createTestCertificate({ openssl });
    using context = new TlsContext({ cert, key, caCerts: [cert], openssl });
    connected(context)[Symbol.dispose]();
    time.tick(366 * DAY);
    using ends = endsOf(context);
    ends.server.receive(ends.client.send());
    assertThrows(
      () => ends.client.receive(ends.server.send()),
      TlsError,
      "certificate has expired",
    );
  });

  for (const version of VERSIONS) {
    for (const [where, options] of Object.entries(SESSION_PLACES)) {
      it(`ends sessions of ${version} ${where}`, () => {
        const openssl = new OpenSSL();
        using time = new FakeTime(START);
        const { cert, key } = createTestCertificate({ openssl });
        using server = new TlsContext({
          openssl,
          cert,
          key,
          sessionTimeout: 2 * HOUR / 1000,
          ...options(),
        });
        using client = new TlsContext({
          openssl,
          caCerts: [cert],
          maxVersion: version,
        });
        for (const age of [2 * HOUR - 1000, 2 * HOUR + 1000]) {
          using first = connected(server, client);
          const { session } = first.client;
          assert(session !== null);
          time.tick(age);
          using second = connected(server, client, { session });
          assertEquals(second.server.info?.resumed, age < 2 * HOUR);
        }
      });
    }
  }

  it("ends the records of a store", () => {
    const store = new MemorySessionStore();
    using time = new FakeTime(START);
    const id = new Uint8Array(32);
    store.set(id, new Uint8Array([1]), { expiresAt: new Date(START + 10) });
    time.tick(9);
    assertEquals(store.get(id), new Uint8Array([1]));
    time.tick(1);
    assertEquals(store.get(id), undefined);
  });
});
