import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  listenTlsOver,
  type TcpConnection,
  type TcpListener,
} from "@sesame/tls";
import { certificate, contextOf } from "../../support/engines.ts";
import { NOTHING_LEFT } from "../../support/sockets.ts";
import { assertEchoes, echo, HOSTNAME } from "../../support/listeners.ts";

const { cert, key } = certificate;

describe("listenTlsOver", NOTHING_LEFT, () => {
  it("serves the connections of a listener of the caller's", async () => {
    const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
    const taken: TcpConnection[] = [];
    const listener = listenTlsOver({
      addr: tcp.addr,
      accept: async () => {
        const conn = await tcp.accept();
        taken.push(conn);
        return conn;
      },
      close: () => tcp.close(),
    }, { cert, key });
    const loop = echo(listener);
    await assertEchoes(listener);
    assertEquals(taken.length, 1);
    assertEquals(listener.addr.port, tcp.addr.port);
    listener.close();
    await loop;
  });

  it("closes the listener with its own, and not the caller's context", async () => {
    using context = contextOf();
    const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
    listenTlsOver(tcp, { context }).close();
    assertThrows(() => tcp.close(), Deno.errors.BadResource);
    const again = Deno.listen({ hostname: HOSTNAME, port: 0 });
    const listener = listenTlsOver(again, { context });
    const loop = echo(listener);
    await assertEchoes(listener);
    listener.close();
    await loop;
  });

  it("leaves a listener alone that it refuses to serve", async () => {
    const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
    assertThrows(() => listenTlsOver(tcp, {}), TypeError);
    const { port } = tcp.addr as Deno.NetAddr;
    const connecting = Deno.connect({ hostname: HOSTNAME, port });
    (await tcp.accept()).close();
    (await connecting).close();
    tcp.close();
  });

  it("says what is wrong with its arguments", () => {
    const addr = { hostname: HOSTNAME, port: 1 };
    const accept = (): Promise<TcpConnection> => new Promise(() => {});
    const close = (): void => {};
    const refused = (listener: unknown, message: string): void =>
      void assertThrows(
        () => listenTlsOver(listener as TcpListener, { cert, key }),
        TypeError,
        message,
      );
    refused(undefined, "it has no method accept");
    refused({ addr, accept }, "it has no method close");
    refused({ accept, close }, "listener.addr must be { hostname, port }");
    assertThrows(
      () =>
        listenTlsOver({ addr, accept, close }, { cert, key, port: 1 } as never),
      TypeError,
      "options.port is not an option of listenTlsOver: the listener that it takes has its own",
    );
  });
});

describe("connectTls with a servername", NOTHING_LEFT, () => {
  it("asks for that name and verifies it, wherever it connects to", async () => {
    const tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
    using listener = listenTlsOver(tcp, { cert, key });
    const [client, server] = await Promise.all([
      connectTls({
        hostname: HOSTNAME,
        servername: "localhost",
        port: listener.addr.port,
        caCerts: [cert],
      }),
      listener.accept(),
    ]);
    assertEquals(server.info?.serverName, "localhost");
    await Promise.all([client.close(), server.close()]);
  });
});
