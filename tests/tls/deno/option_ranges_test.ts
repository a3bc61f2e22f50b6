/** Options of listenTls and connectTls out of range, which a RangeError names. */
import { assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  type ConnectTlsOptions,
  listenTls,
  type ListenTlsOptions,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { certificate } from "../../support/engines.ts";

const TOO_LONG = 2 ** 31;

describe("listenTls refuses", () => {
  const cases: [Partial<ListenTlsOptions>, string][] = [
    [{ port: 65_536 }, "options.port"],
    [{ port: -1 }, "options.port"],
    [{ tcpBacklog: 0 }, "options.tcpBacklog"],
    [{ handshakeTimeout: TOO_LONG }, "options.handshakeTimeout"],
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
    [{ handshakeTimeout: TOO_LONG }, "options.handshakeTimeout"],
    [{ writeTimeout: 0 }, "options.writeTimeout"],
    [{ lookupTimeout: TOO_LONG }, "options.lookupTimeout"],
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
