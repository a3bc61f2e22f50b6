import { printable } from "../format.ts";

/** A tag for the terminal. A tag that an encrypted store has hashed is marked. */
export function tagText(tag: string): string {
  return /^[0-9a-f]{64}$/.test(tag) ? `${tag} (hashed)` : printable(tag);
}
