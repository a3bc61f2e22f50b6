import { equal, match } from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { Driver } from "../site.ts";

interface Agent {
  destroy(): void;
}

interface Package {
  readonly Agent: new (options: unknown) => Agent;
  get(
    url: string,
    options: unknown,
    listener: (response: IncomingMessage) => void,
  ): { on(event: "error", listener: (error: Error) => void): unknown };
}

/** The agent keeps connections, and sessions by itself. */
export const https: Driver = {
  name: "node:https",
  visits: ["nginx"],
  witness: "server",
  begin: ({ tls, port, load }) => {
    const { Agent, get } = load<Package>("https");
    const agent = new Agent({ ...tls, keepAlive: true, maxSockets: 1 });
    const ask = (headers: Record<string, string>): Promise<string> =>
      new Promise((resolve, reject) => {
        const url = `https://localhost:${port("nginx")}/`;
        get(url, { agent, headers }, (response) => {
          text(response).then(resolve, reject);
        }).on("error", reject);
      });
    return async () => {
      const first = await ask({});
      const second = await ask({ connection: "close" });
      match(first, new RegExp(`^${tls.maxVersion} . SUCCESS`));
      equal(first, second, "The agent didn't keep the connection");
      return first.split(" ")[1] === "r";
    };
  },
};
