import { match } from "node:assert/strict";
import type { Driver } from "../site.ts";

interface Dispatcher {
  close(): Promise<void>;
}

interface Package {
  readonly Agent: new (options: unknown) => Dispatcher;
  request(
    url: string,
    options: unknown,
  ): Promise<{ readonly body: { text(): Promise<string> } }>;
}

/** It keeps sessions by itself, as long as the garbage collector lets it. */
export const undici: Driver = {
  name: "undici",
  visits: ["nginx"],
  witness: "server",
  begin: ({ tls, port, load }) => {
    const { Agent, request } = load<Package>("undici");
    const dispatcher = new Agent({ connect: tls });
    return async () => {
      const { body } = await request(`https://localhost:${port("nginx")}/`, {
        dispatcher,
        headers: { connection: "close" },
      });
      const text = await body.text();
      match(text, new RegExp(`^${tls.maxVersion} . SUCCESS`));
      return text.split(" ")[1] === "r";
    };
  },
};
