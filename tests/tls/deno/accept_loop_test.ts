/** Connections are taken as long as there is room, and something gives way where the host has none. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TcpConnection } from "@sesame/tls";
import { AcceptLoop } from "../../../src/tls/deno/accept_loop.ts";
import { NOTHING_LEFT, settle } from "../../support/sockets.ts";

const addr = { hostname: "192.0.2.1", port: 1 };

/** Runs with timers that don't wait: gives how long they should have. */
async function pausesOf(run: () => Promise<void>): Promise<unknown[]> {
  const { setTimeout } = globalThis;
  const pauses: unknown[] = [];
  globalThis.setTimeout = ((callback: () => void, ms?: number) => {
    pauses.push(ms);
    return setTimeout(callback, 0);
  }) as typeof setTimeout;
  try {
    await run();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  return pauses;
}

describe("The loop that takes connections", NOTHING_LEFT, () => {
  it("starts its pauses anew where handshakes are evicted", async () => {
    const error = new Error("too many open files");
    // Whether there is a handshake to evict, each time that there is no room.
    const evictions = [false, false, true, true, false];
    const failures: unknown[] = [];
    const loop = new AcceptLoop({
      addr,
      accept: () => {
        if (failures.length === 5) loop.stop();
        return Promise.reject(error);
      },
      close: () => {},
    }, {
      hasRoom: () => true,
      onConnection: () => {},
      onFailure: (error) => void failures.push(error),
      evict: () => evictions.shift() ?? false,
    });
    assertEquals(await pausesOf(() => loop.run()), [5, 10, 5, 5, 10]);
    assertEquals(failures, Array(5).fill(error));
  });

  it("takes none while there is no room, nor once it is stopped", async () => {
    const conn = {} as TcpConnection;
    let hasRoom = false;
    const taken: unknown[] = [];
    const loop = new AcceptLoop({
      addr,
      accept: () => Promise.resolve(conn),
      close: () => void taken.push("close"),
    }, {
      hasRoom: () => hasRoom,
      onConnection: (conn) => {
        taken.push(conn);
        hasRoom = false;
      },
      onFailure: (error) => void taken.push(error),
      evict: () => false,
    });
    const running = loop.run();
    await settle();
    assertEquals(taken, []);
    hasRoom = true;
    loop.wake();
    await settle();
    assertEquals(taken, [conn]);
    loop.stop();
    await running;
    assertEquals(taken, [conn, "close"]);
  });
});
