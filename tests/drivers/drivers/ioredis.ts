import { equal } from "node:assert/strict";
import type { Driver, Socket } from "../site.ts";

interface Client {
  readonly stream: Socket;
  set(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<string | null>;
  quit(): Promise<unknown>;
}

interface Package {
  readonly Redis: new (options: unknown) => Client;
}

export const ioredis: Driver = {
  name: "ioredis",
  visits: ["redis"],
  witness: "client",
  begin: ({ tls, sessions, port, load }) => {
    const { Redis } = load<Package>("ioredis");
    return async () => {
      const client = new Redis({
        host: "localhost",
        port: port("redis"),
        tls: { ...tls, ...sessions },
      });
      await client.set("word", "sesame");
      equal(await client.get("word"), "sesame");
      const resumed = client.stream.isSessionReused();
      await client.quit();
      return resumed;
    };
  },
};
