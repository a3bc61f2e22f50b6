/** The observer of a connection: src/testing traces connections by it. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SSL3_RT_HANDSHAKE } from "../../../src/libssl/constants.ts";
import { contextCores } from "../../../src/tls/context/context_core.ts";
import { TlsContext } from "../../../src/tls/context/context.ts";
import { connections } from "../../../src/tls/engine/connection.ts";
import { TlsEngine } from "../../../src/tls/engine/engine.ts";
import {
  type ConnectionObserver,
  observed,
  observerOf,
} from "../../../src/tls/engine/observer.ts";
import { createTestCertificate } from "../../../src/testing/certificate.ts";

const CLIENT_HELLO = 1;
const { cert, key } = createTestCertificate();

/** An observer, and the handshake messages that it saw: `1` is a client hello. */
function newObserver(): {
  observer: ConnectionObserver;
  written: number[];
  read: number[];
  unsent: Uint8Array[];
} {
  const written: number[] = [];
  const read: number[] = [];
  const unsent: Uint8Array[] = [];
  const observer: ConnectionObserver = {
    message(isWritten, _version, contentType, [type = -1]): void {
      if (contentType !== SSL3_RT_HANDSHAKE) return;
      (isWritten ? written : read).push(type);
    },
    unsent: (bytes) => void unsent.push(bytes),
  };
  return { observer, written, read, unsent };
}

function exchange(client: TlsEngine, server: TlsEngine): void {
  while (server.state !== "open") {
    server.receive(client.send());
    client.receive(server.send());
  }
}

describe("An observer", () => {
  it("sees every message of a connection that is made under it", () => {
    using context = new TlsContext({ cert, key, caCerts: [cert] });
    const core = contextCores.get(context);
    const { observer, written, read, unsent } = newObserver();
    using client = observed(
      core,
      observer,
      () => new TlsEngine(context, { role: "client", hostname: "localhost" }),
    );
    assertEquals([written, read], [[CLIENT_HELLO], []]);
    using server = new TlsEngine(context, { role: "server" });
    exchange(client, server);
    const finished = 20;
    assertEquals(written, [CLIENT_HELLO, finished]);
    assertEquals(read[0], 2);
    assertEquals(unsent, []);
  });

  it("gets what waits to be sent where it comes later, and takes none of it", () => {
    using context = new TlsContext({ cert, key, caCerts: [cert] });
    using client = new TlsEngine(context, {
      role: "client",
      hostname: "localhost",
    });
    const { observer, written, read, unsent } = newObserver();
    connections.get(client).observe(observer);
    const hello = client.send();
    assertEquals(unsent, [hello]);
    assertEquals([written, read], [[], []]);
    using server = new TlsEngine(context, { role: "server" });
    server.receive(hello);
    client.receive(server.send());
    assertEquals(read[0], 2);
  });

  it("sees only the connections that are made meanwhile", () => {
    using context = new TlsContext({ caCerts: [cert] });
    const core = contextCores.get(context);
    const { observer, written } = newObserver();
    assertThrows(
      () =>
        observed(core, observer, () => {
          throw new TypeError("not made");
        }),
      TypeError,
      "not made",
    );
    assertEquals(observerOf(core), undefined);
    using _client = new TlsEngine(context, {
      role: "client",
      hostname: "localhost",
    });
    assertEquals(written, []);
  });
});
