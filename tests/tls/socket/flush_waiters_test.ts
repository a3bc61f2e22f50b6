/** Those who wait for what they wrote hear that it never will be gone. */
import { assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FlushWaiters } from "../../../src/tls/socket/flush_waiters.ts";
import { failureOf } from "../../support/sockets.ts";

describe("Those who wait until what they wrote is gone", () => {
  it("are told when it is, and when it never will be", async () => {
    const waiters = new FlushWaiters();
    const never = new Promise<void>(() => {});
    await waiters.wait(Promise.resolve());
    const error = new Error("the end");
    const before = failureOf(waiters.wait(never));
    // What it failed for isn't told before it is known what the peer says of it.
    const failed = failureOf(waiters.wait(Promise.reject(new Error("pipe"))));
    waiters.abandon({ error });
    waiters.abandon({ error: new Error("later") });
    for (const failure of [before, failed, failureOf(waiters.wait(never))]) {
      assertStrictEquals(await failure, error);
    }
  });
});
