/** How what moves bytes tells of an end; then it leaves the engine alone, and tells nothing. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError } from "@sesame/tls";
import type { TlsEngine } from "../../../src/tls/engine/engine.ts";
import { EngineIo } from "../../../src/tls/socket/engine_io.ts";
import type { Wire } from "../../../src/tls/socket/wire.ts";
import { fakeEngine } from "../../support/fake_engine.ts";
import { NOTHING_LEFT, settle } from "../../support/sockets.ts";

/** A transport that does what the test says. */
class TestWire implements Wire {
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
  readonly unsent = 0;
  readonly hasWritten = false;
  writeError: TlsError | null = null;
  onWritten: () => void = () => {};
  readonly reading = Promise.withResolvers<boolean>();
  take: (bytes: Uint8Array) => void = () => {};

  read(take: (bytes: Uint8Array) => void): Promise<boolean> {
    this.take = take;
    return this.reading.promise;
  }

  write(): void {}

  flushed(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  ref(): void {}

  unref(): void {}
}

/** A handshake that waits for a store: what the engine was asked, and what was told. */
function handshake(more: Partial<TlsEngine> = {}): {
  io: EngineIo;
  wire: TestWire;
  pending: PromiseWithResolvers<void>;
  calls: string[];
  failures: unknown[];
} {
  const wire = new TestWire();
  const pending = Promise.withResolvers<void>();
  const calls: string[] = [];
  const failures: unknown[] = [];
  const noteOf = (name: string) => (): void => void calls.push(name);
  const engine = fakeEngine({
    pending: pending.promise,
    receive: noteOf("receive"),
    endOfInput: noteOf("endOfInput"),
    [Symbol.dispose]: noteOf("dispose"),
    ...more,
  }, () => {
    calls.push("send");
    return new Uint8Array();
  });
  const io = new EngineIo(engine, wire, {
    onOpen: noteOf("onOpen"),
    onSession: noteOf("onSession"),
    onInputEnd: noteOf("onInputEnd"),
    onWriteFailure: (error) => void failures.push("writing", error),
    onFailure: (error) => void failures.push(error),
  });
  return { io, wire, pending, calls, failures };
}

describe("Once it has stopped, an engine", NOTHING_LEFT, () => {
  const later: Record<
    string,
    (parts: ReturnType<typeof handshake>) => void
  > = {
    "isn't given what comes": ({ wire }) => {
      wire.take(new Uint8Array(1));
      wire.reading.resolve(true);
    },
    "isn't told of the end": ({ wire }) => wire.reading.resolve(false),
    "doesn't fail with its transport": ({ wire }) =>
      wire.reading.reject(new Error("closed")),
    "doesn't go on when the store has answered": ({ pending }) =>
      pending.resolve(),
  };
  for (const [what, happen] of Object.entries(later)) {
    it(what, async () => {
      const parts = handshake({ error: new TlsError("handshake", "no") });
      const running = parts.io.run();
      parts.io.stop({ error: new Error("the end") }, true);
      assertEquals(parts.calls.splice(0), ["send", "dispose"]);
      happen(parts);
      parts.wire.reading.resolve(false);
      await running;
      await settle();
      assertEquals([parts.calls, parts.failures], [[], []]);
    });
  }

  it("isn't asked for more where it was stopped while it took what came", () => {
    const { io, wire, calls } = handshake({
      receive: () => io.stop({ error: new Error("the end") }, true),
    });
    io.run();
    wire.take(new Uint8Array(1));
    assertEquals(calls, ["send", "dispose"]);
  });

  it("isn't told that its transport had failed", async () => {
    const { io, wire, calls, failures } = handshake();
    const running = io.run();
    wire.writeError = new TlsError("transport", "broken pipe");
    wire.onWritten();
    io.stop({ error: wire.writeError }, true);
    wire.reading.resolve(false);
    await running;
    await settle();
    assertEquals(calls, ["send", "dispose"]);
    assertEquals(failures, []);
  });
});

describe("What ends a connection", NOTHING_LEFT, () => {
  const broken = new TlsError("transport", "broken pipe");

  it("is an alert, rather than that nothing can be written any more", async () => {
    const alert = new TlsError("handshake", "refused", {
      alert: "unknown ca",
    });
    const { io, wire, failures } = handshake({
      receive: () => {
        throw alert;
      },
    });
    const running = io.run();
    wire.writeError = broken;
    try {
      wire.take(new Uint8Array(1));
    } catch (error) {
      wire.reading.reject(error);
    }
    await running;
    assertEquals(failures.length, 1);
    assertStrictEquals(failures[0], alert);
  });

  it("is that nothing can be written, rather than that nothing comes", async () => {
    const { io, wire, failures } = handshake();
    const running = io.run();
    wire.writeError = broken;
    wire.reading.reject(new TlsError("transport", "reset"));
    await running;
    assertEquals(failures.length, 1);
    assertStrictEquals(failures[0], broken);
  });

  it("is told once where nothing can be written, when nothing comes", async () => {
    const { io, wire, failures } = handshake({ peerClosed: true });
    await io.run();
    wire.writeError = broken;
    wire.onWritten();
    wire.onWritten();
    await settle();
    assertEquals(failures, ["writing", broken]);
  });

  it("is told when a store's answer has failed the handshake", async () => {
    const error = new TlsError("handshake", "no");
    const { io, wire, pending, failures } = handshake({ error });
    const running = io.run();
    pending.resolve();
    await settle();
    assertEquals(failures.length, 1);
    assertStrictEquals(failures[0], error);
    io.stop({ error }, true);
    wire.reading.resolve(false);
    await running;
  });
});
