import { match } from "node:assert/strict";
import type { Driver } from "../site.ts";

interface Client {
  request(
    options: unknown,
  ): Promise<{ readonly body: { text(): Promise<string> } }>;
}

interface Package {
  readonly Client: new (origin: string, options: unknown) => Client;
}

/**
 * A `Client` or `Pool` keeps sessions by itself, as long as the garbage collector lets it. An
 * `Agent`, and so `fetch`, forgets them when it closes the last connection to a server.
 */
export const undici: Driver = {
  name: "undici",
  visits: ["nginx"],
  witness: "server",
  begin: ({ tls, port, load }) => {
    const { Client } = load<Package>("undici");
    const origin = `https://localhost:${port("nginx")}`;
    const client = new Client(origin, { connect: tls });
    return async () => {
      const { body } = await client.request({
        path: "/",
        method: "GET",
        headers: { connection: "close" },
      });
      const text = await body.text();
      match(text, new RegExp(`^${tls.maxVersion} . SUCCESS`));
      return text.split(" ")[1] === "r";
    };
  },
};
