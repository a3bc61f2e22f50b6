/** Calls of an engine that was disposed of, which a TlsError names. */
import { assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext, TlsEngine, TlsError } from "@sesame/tls";
import { certificate } from "../../support/engines.ts";

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
});
