import { toHex } from "../../internal/bytes.ts";
import { Buffer } from "node:buffer";
import type { Command } from "./client.ts";

/** The keys of a store: those of records and of the indexes of tags. */
export class RedisKeys {
  readonly #records: string;
  readonly #indexes: string;

  constructor(prefix: string) {
    this.#records = `${prefix}id:`;
    this.#indexes = `${prefix}tag:`;
  }

  /** The key of a record. */
  record(id: Uint8Array): string {
    return this.#records + toHex(id);
  }

  /** The key of the index of a tag. */
  index(tag: string): string {
    return this.#indexes + toHex(new TextEncoder().encode(tag));
  }

  /** The command that scans for keys of records. `outer` is the prefix that the client adds. */
  scan(cursor: string, outer: string): Command {
    const pattern = `${literally(outer + this.#records)}*`;
    const limits = ["COUNT", "100", "TYPE", "string"];
    return ["SCAN", cursor, "MATCH", pattern, ...limits];
  }

  /** The id in a key that the server returned; `undefined` if it is not the key of a record. */
  idOf(key: string, outer: string): Uint8Array | undefined {
    const start = outer + this.#records;
    if (!key.startsWith(start)) return undefined;
    const hex = key.slice(start.length);
    const id = new Uint8Array(Buffer.from(hex, "hex"));
    return toHex(id) === hex ? id : undefined;
  }
}

/** A glob pattern that matches exactly this text. */
function literally(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, "\\$&");
}
