import { equal } from "node:assert/strict";
import type { Driver } from "../site.ts";

interface Client {
  connect(): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<string | null>;
  close(): Promise<void>;
}

interface Package {
  createClient(options: unknown): Client;
}

interface Tls {
  checkServerIdentity(host: string, peer: unknown): Error | undefined;
}

/**
 * It shows no socket. A resumed connection has no certificate to check: what is called with
 * one tells.
 */
export const redis: Driver = {
  name: "redis",
  visits: ["redis"],
  witness: "client",
  begin: ({ tls, sessions, port, load }) => {
    const { createClient } = load<Package>("redis");
    const { checkServerIdentity } = load<Tls>("tls");
    let checked = 0;
    const check = (host: string, peer: unknown): Error | undefined => {
      checked++;
      return checkServerIdentity(host, peer);
    };
    return async () => {
      checked = 0;
      const client = createClient({
        socket: {
          host: "localhost",
          port: port("redis"),
          tls: true,
          ...tls,
          ...sessions,
          checkServerIdentity: check,
        },
      });
      await client.connect();
      await client.set("word", "sesame");
      equal(await client.get("word"), "sesame");
      await client.close();
      return checked === 0;
    };
  },
};
