import { equal } from "node:assert/strict";
import type { Driver, Socket } from "../site.ts";

interface Client {
  readonly stream: Socket;
  on(
    event: "message",
    listener: (topic: string, text: Uint8Array) => void,
  ): void;
  subscribeAsync(topic: string): Promise<unknown>;
  publishAsync(topic: string, text: string): Promise<unknown>;
  endAsync(): Promise<void>;
}

interface Package {
  connectAsync(options: unknown): Promise<Client>;
}

export const mqtt: Driver = {
  name: "mqtt",
  visits: ["mosquitto"],
  witness: "client",
  begin: ({ tls, sessions, port, load }) => {
    const { connectAsync } = load<Package>("mqtt");
    return async () => {
      const client = await connectAsync({
        protocol: "mqtts",
        host: "localhost",
        port: port("mosquitto"),
        ...tls,
        ...sessions,
      });
      const { promise, resolve } = Promise.withResolvers<string>();
      client.on(
        "message",
        (_, text) => resolve(new TextDecoder().decode(text)),
      );
      await client.subscribeAsync("cave");
      await client.publishAsync("cave", "sesame");
      equal(await promise, "sesame");
      const resumed = client.stream.isSessionReused();
      await client.endAsync();
      return resumed;
    };
  },
};
