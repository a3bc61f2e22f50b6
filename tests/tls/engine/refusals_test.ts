/** Options and calls that are refused at the door, by an error that names them. */
import { assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  type ConnectTlsOptions,
  listenTls,
  type ListenTlsOptions,
  TlsContext,
  TlsEngine,
  TlsError,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { certificate } from "../../support/engines.ts";

const NO_NUMBER = 2 ** 31;

describe("listenTls refuses", () => {
  const cases: [Partial<ListenTlsOptions>, string][] = [
    [{ port: 65_536 }, "options.port"],
    [{ port: -1 }, "options.port"],
    [{ tcpBacklog: 0 }, "options.tcpBacklog"],
    [{ handshakeTimeout: NO_NUMBER }, "options.handshakeTimeout"],
    [{ maxHandshakes: 1.5 }, "options.maxHandshakes"],
  ];
  for (const [options, name] of cases) {
    it(JSON.stringify(options), () => {
      assertThrows(
        () => listenTls({ port: 0, ...certificate, ...options }),
        RangeError,
        name,
      );
    });
  }
});

describe("connectTls refuses", () => {
  const cases: [Partial<ConnectTlsOptions>, string][] = [
    [{ port: 65_536 }, "options.port"],
    [{ handshakeTimeout: 0 }, "options.handshakeTimeout"],
    [{ handshakeTimeout: NO_NUMBER }, "options.handshakeTimeout"],
    [{ writeTimeout: 0 }, "options.writeTimeout"],
    [{ lookupTimeout: NO_NUMBER }, "options.lookupTimeout"],
  ];
  for (const [options, name] of cases) {
    it(JSON.stringify(options), async () => {
      await assertRejects(
        () =>
          connectTls({
            hostname: "localhost",
            port: 1,
            caCerts: [certificate.cert],
            sessions: new MemorySessionStore(),
            ...options,
          }),
        RangeError,
        name,
      );
    });
  }
});

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
