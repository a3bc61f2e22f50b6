/** Calls of an engine that was disposed of, which a TlsError names. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext, TlsEngine, TlsError } from "@sesame/tls";
import { connections } from "../../../src/tls/engine/connection.ts";
import { certificate, connected, contextOf } from "../../support/engines.ts";

describe("An engine that was disposed of", () => {
  const CALLS: Record<string, (engine: TlsEngine) => unknown> = {
    receive: (engine) => engine.receive(new Uint8Array(1)),
    write: (engine) => engine.write(new Uint8Array(1)),
    updateKeys: (engine) => engine.updateKeys(),
    exportKeyingMaterial: (engine) => engine.exportKeyingMaterial(16, "label"),
  };
  for (const [name, call] of Object.entries(CALLS)) {
    it(`refuses ${name}`, () => {
      using context = new TlsContext(certificate);
      const engine = new TlsEngine(context, { role: "server" });
      engine[Symbol.dispose]();
      assertThrows(() => call(engine), TlsError, name);
    });
  }

  it("refuses requestCertificate", async () => {
    using context = new TlsContext({ ...certificate, postHandshakeAuth: true });
    const engine = new TlsEngine(context, { role: "server" });
    engine[Symbol.dispose]();
    await assertRejects(
      async () => void await engine.requestCertificate(),
      TlsError,
      "requestCertificate",
    );
  });

  it("has failed still, if it had", () => {
    using context = new TlsContext(certificate);
    const engine = new TlsEngine(context, { role: "server" });
    const error = assertThrows(
      () => engine.receive(new Uint8Array(100)),
      TlsError,
    );
    engine[Symbol.dispose]();
    assertEquals(engine.state, "failed");
    assertStrictEquals(engine.error, error);
    const other = new TlsEngine(context, { role: "server" });
    other[Symbol.dispose]();
    assertEquals([other.state, other.error], ["closed", null]);
  });
});

describe("An engine whose peer has closed", () => {
  it("keeps nothing of what comes after that", () => {
    using context = contextOf();
    using ends = connected(context);
    ends.client.close();
    const { incoming } = connections.get(ends.server).buffers;
    const wire = ends.client.send();
    ends.server.receive(new Uint8Array([...wire, ...new Uint8Array(100_000)]));
    assert(incoming.isEmpty);
    for (let i = 0; i < 3; i++) {
      ends.server.receive(new Uint8Array(100_000));
      assert(incoming.isEmpty);
    }
  });
});
