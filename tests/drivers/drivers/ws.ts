import { equal } from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Driver, Socket } from "../site.ts";

interface Client {
  readonly _socket: Socket;
  on(event: string, listener: (data: unknown) => void): unknown;
  send(text: string): void;
  close(): void;
}

interface Package {
  readonly WebSocket: new (url: string, options: unknown) => Client;
  readonly WebSocketServer: new (options: unknown) => {
    on(event: "connection", listener: (client: Client) => void): unknown;
  };
}

interface Https {
  createServer(options: unknown): Server;
}

interface Server {
  listen(port: number, host: string): unknown;
  on(event: string, listener: () => void): unknown;
  address(): AddressInfo;
  unref(): unknown;
}

/** Both ends are in this process: ws has the server, too. */
export const ws: Driver = {
  name: "ws",
  visits: [],
  witness: "client",
  begin: ({ tls, sessions, load, server }) => {
    const { WebSocket, WebSocketServer } = load<Package>("ws");
    const https = load<Https>("https").createServer({
      ...server,
      requestCert: true,
    });
    https.listen(0, "127.0.0.1");
    https.unref();
    new WebSocketServer({ server: https }).on("connection", (client) => {
      client.on("message", (data) => client.send(String(data)));
    });
    const listening = once(https as never, "listening");
    return async () => {
      await listening;
      const { port } = https.address();
      const client = new WebSocket(`wss://localhost:${port}/`, {
        ...tls,
        ...sessions,
      });
      await once(client as never, "open");
      client.send("sesame");
      equal(String((await once(client as never, "message"))[0]), "sesame");
      const resumed = client._socket.isSessionReused();
      client.close();
      await once(client as never, "close");
      return resumed;
    };
  },
};
