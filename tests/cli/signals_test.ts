import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ReloadSignal } from "../../src/cli/signals.ts";
import { until } from "../support/redis.ts";

describe("ReloadSignal", { ignore: Deno.build.os === "windows" }, () => {
  it("reloads once for each signal, one after the other", async () => {
    const events: string[] = [];
    const first = Promise.withResolvers<void>();
    let count = 0;
    using _signal = new ReloadSignal(async () => {
      const number = ++count;
      events.push(`start ${number}`);
      if (number === 1) await first.promise;
      events.push(`end ${number}`);
    });
    Deno.kill(Deno.pid, "SIGHUP");
    await until("the first begins", () => Promise.resolve(count === 1));
    await heard();
    assertEquals(events, ["start 1"]);
    first.resolve();
    await until("both end", () => Promise.resolve(events.length === 4));
    assertEquals(events, ["start 1", "end 1", "start 2", "end 2"]);
  });

  it("stops listening", async () => {
    let count = 0;
    {
      using _signal = new ReloadSignal(() => Promise.resolve(void count++));
    }
    await heard();
    assertEquals(count, 0);
  });
});

/** Sends a signal to this process: resolves when it has arrived. */
async function heard(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // A signal listener alone doesn't keep the event loop alive.
  const timer = setInterval(() => {}, 1_000);
  Deno.addSignalListener("SIGHUP", resolve);
  Deno.kill(Deno.pid, "SIGHUP");
  await promise;
  clearInterval(timer);
  Deno.removeSignalListener("SIGHUP", resolve);
}
