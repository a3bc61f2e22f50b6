import { deepEqual, equal } from "node:assert/strict";
import { dirname, join } from "node:path";
import { addressOf, type Example } from "./visit.ts";

const PUTS = 10;

/** vsftpd takes no data connection that doesn't resume, and says of each what it did. */
export const ftps: Example = {
  name: "ftps",
  servers: ["vsftpd"],
  maxGzip: 1050,
  isPlain: false,
  async visit({ servers, start, measure }): Promise<void> {
    const log = servers.site.logs.vsftpd ?? "";
    const files = join(dirname(log), "files");
    const body = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
    await using worker = await start({
      ...addressOf(servers, "vsftpd"),
      PASSWORD: "anonymous",
    });
    let count = 0;
    await measure(worker, async () => {
      const name = `${count++}.bin`;
      const response = await worker.fetch(name, { method: "PUT", body });
      equal(await response.text(), "226 Transfer complete.\n");
      equal(response.status, 201);
      deepEqual(await Deno.readFile(join(files, name)), body);
    });
    const connections = (await Deno.readTextFile(log)).matchAll(
      /SSL version: .*?, (not reused|reused),/g,
    );
    // A control connection, and its data connection.
    deepEqual(
      [...connections].map(([, outcome]) => outcome),
      Array.from({ length: PUTS }, () => ["not reused", "reused"]).flat(),
    );
    for (const path of ["", "..", "a/b"]) {
      const response = await worker.fetch(path, { method: "PUT", body });
      equal(await response.text(), "PUT /name\n");
    }
  },
};
