import { Buffer } from "node:buffer";
import { equal } from "node:assert/strict";
import { Readable, Writable } from "node:stream";
import type { Driver } from "../site.ts";

interface Client {
  access(options: unknown): Promise<unknown>;
  uploadFrom(source: Readable, name: string): Promise<unknown>;
  downloadTo(target: Writable, name: string): Promise<unknown>;
  close(): void;
}

interface Package {
  readonly Client: new () => Client;
}

/**
 * vsftpd closes a data connection that doesn't resume the session of its control connection,
 * and writes of each connection whether it was resumed.
 */
export const basicFtp: Driver = {
  name: "basic-ftp",
  visits: ["vsftpd"],
  witness: "server",
  begin: ({ tls, sessions, port, log, load }) => {
    const { Client } = load<Package>("basic-ftp");
    return async () => {
      const client = new Client();
      await client.access({
        host: "localhost",
        port: port("vsftpd"),
        secure: true,
        secureOptions: { ...tls, ...sessions },
      });
      const name = crypto.randomUUID();
      await client.uploadFrom(Readable.from([Buffer.from("sesame")]), name);
      const parts: Uint8Array[] = [];
      await client.downloadTo(
        new Writable({
          write: (part, _, done) => {
            parts.push(part);
            done();
          },
        }),
        name,
      );
      client.close();
      equal(await new Blob(parts as BlobPart[]).text(), "sesame");
      const [control, ...data] = (await log("vsftpd")).split("\n")
        .flatMap((line) =>
          /SSL version: .*?, (not reused|reused),/.exec(line)?.[1] ?? []
        )
        .slice(-3);
      equal(data.join(), "reused,reused");
      return control === "reused";
    };
  },
};
