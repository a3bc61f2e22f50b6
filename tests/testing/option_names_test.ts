/** Options, filters and ends of another name, which mustn't be left unheard. */
import { assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertAlert, assertFlight } from "../../src/testing/assertions.ts";
import { createTestCertificate } from "../../src/testing/certificate.ts";
import { createTlsPair } from "../../src/testing/pair.ts";
import { SpyStore } from "../../src/testing/spy_store.ts";
import { TraceRecorder } from "../../src/testing/trace.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";

const NO_END = "clinet" as "client";

describe("What is misspelt", () => {
  it("is not an option", () => {
    using pair = createTlsPair();
    const { trace } = pair;
    const store = new MemorySessionStore();
    const typo: object = { typo: 1 };
    for (
      const use of [
        () => trace.messages(typo),
        () => trace.toPcapng(typo),
        () => trace.toLadder(typo),
        () => new TraceRecorder(typo),
        () => new SpyStore(store, typo),
        () => createTestCertificate(typo),
      ]
    ) {
      assertThrows(use, TypeError, "options.typo is not an option");
    }
  });

  it("is no end", () => {
    using pair = createTlsPair();
    const wrong = 'from must be "client" or "server", received "clinet"';
    for (
      const use of [
        () => pair.trace.messages({ from: NO_END }),
        () => assertAlert(pair, NO_END, "close_notify"),
        () => assertFlight(pair, [], NO_END),
      ]
    ) {
      assertThrows(use, TypeError, wrong);
    }
  });

  it("is no clock", () => {
    const store = new MemorySessionStore();
    assertThrows(
      () => new SpyStore(store, { now: 1 as never }),
      TypeError,
      "options.now must be a function, received 1",
    );
  });
});
