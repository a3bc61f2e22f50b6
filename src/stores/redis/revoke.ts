import type { RedisCommands } from "./commands.ts";
import type { RedisKeys } from "./keys.ts";
import { listFrom, numberFrom } from "./replies.ts";
import { pageCommand, TAG_PAGE, taggedIdOf } from "./tags.ts";

const ACTION = "revoke the sessions";

/** Removes the sessions in the index of a tag. Returns how many had not expired. */
export async function revokeTagged(
  commands: RedisCommands,
  keys: RedisKeys,
  tag: string,
  now: number,
): Promise<number> {
  const index = keys.index(tag);
  const remove = async (member: Uint8Array): Promise<number> => {
    const { id, expiresAt } = taggedIdOf(member);
    const key = keys.record(id);
    const count = await commands.send(ACTION, key, ["UNLINK", key], numberFrom);
    return expiresAt > now ? count : 0;
  };
  let last: Uint8Array | undefined;
  for (let removed = 0;;) {
    const page = pageCommand(index, now, last);
    const members = await commands.send(ACTION, index, page, listFrom);
    for (const count of await Promise.all(members.map(remove))) {
      removed += count;
    }
    // The ids stay in the index: a pending `set` relies on them.
    if (members.length < TAG_PAGE) return removed;
    last = members.at(-1);
  }
}
