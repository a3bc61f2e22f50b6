/** A process that works on a local file of Deno KV. */

import { KvSessionStore } from "../../src/stores/kv.ts";
import { work } from "./store_work.ts";

await work(async (path) => new KvSessionStore(await open(path)));

/** Several that open the file at once get in each other's way. */
async function open(path: string): Promise<Deno.Kv> {
  for (;;) {
    try {
      return await Deno.openKv(path);
    } catch (error) {
      if (!String(error).includes("database is locked")) throw error;
    }
  }
}
