/** `createHttpsServer`: `https.createServer` over this package's TLS. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  createHttpsServer,
  HttpsAgent,
  type HttpsServer,
  type HttpsServerOptions,
} from "../../../src/node/http/mod.ts";
import { connect, type TLSSocket } from "../../../src/node/mod.ts";
import { assertCode } from "../../support/assert_code.ts";
import { PKI } from "../../support/node_tls.ts";

async function listening(options: HttpsServerOptions = {}): Promise<{
  server: HttpsServer;
  port: number;
}> {
  const server = createHttpsServer(
    { ...PKI.server, ...options },
    (request, response) => response.end(request.url),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

async function dial(port: number): Promise<TLSSocket> {
  const socket = connect({ host: "localhost", port, ca: PKI.ca.cert });
  await once(socket, "secureConnect");
  return socket.on("error", () => {}).resume();
}

describe("createHttpsServer", () => {
  it("serves, listens and closes as https.Server does", async () => {
    const { server, port } = await listening();
    assertEquals(server.listening, true);
    const agent = new HttpsAgent({ ca: PKI.ca.cert, keepAlive: true });
    const asked = get(`https://localhost:${port}/word`, { agent });
    const [response] = await once(asked, "response") as [IncomingMessage];
    assertEquals(await text(response), "/word");
    const count = await new Promise((resolve) =>
      server.getConnections((_, count) => resolve(count))
    );
    assertEquals(count, 1);
    const closed = Promise.withResolvers<Error | undefined>();
    server.close(closed.resolve);
    // The idle connection is closed, too.
    assertEquals(await closed.promise ?? undefined, undefined);
    assertEquals(server.listening, false);
    agent.destroy();
  });

  it("closes the connection of a client that is slow to ask", async () => {
    const { server, port } = await listening({
      headersTimeout: 50,
      keepAliveTimeout: 20,
      connectionsCheckingInterval: 20,
    });
    for (const said of ["", "GET / HTTP/1.1\r\nHo"]) {
      const socket = await dial(port);
      if (said) socket.write(said);
      await once(socket, "close");
    }
    server.close();
    await once(server, "close");
  });

  it("tells of clients whose handshake fails, and closes them", async () => {
    const { server, port } = await listening();
    const told = once(server, "tlsClientError");
    const socket = connect({ host: "localhost", port, ca: [] });
    await Promise.all([once(socket, "error"), told]);
    server.close();
    await once(server, "close");
  });

  it("closes all connections", async () => {
    const { server, port } = await listening();
    const accepted = once(server, "secureConnection");
    const socket = await dial(port);
    await accepted;
    server.closeAllConnections();
    await once(socket, "close");
    server.close();
    await once(server, "close");
  });

  it("has the events and keys of tickets of tls.Server", async () => {
    const { server, port } = await listening();
    const lines: string[] = [];
    server.on("keylog", (line) => lines.push(String(line)));
    (await dial(port)).destroy();
    assert(lines.length > 0);
    const keys = server.getTicketKeys();
    server.setTicketKeys(keys);
    assertEquals(server.getTicketKeys(), keys);
    server.close();
    await once(server, "close");
  });

  it("refuses options of other types, with Node's code", () => {
    assertCode(
      () => createHttpsServer({ key: 1 } as never),
      "ERR_INVALID_ARG_TYPE",
    );
  });
});
