import { groupName } from "../../../testing/trace/names.ts";
import type { Hello, HelloExtension, HelloOptions } from "../hello_types.ts";
import { COOKIE, EARLY_DATA, KEY_SHARE } from "./codes.ts";
import type { HelloEnvironment } from "./environment.ts";
import { malformed } from "./failures.ts";
import { firstFlight } from "./first_flight.ts";
import type { ServerHello } from "./server_hello.ts";

/**
 * The second hello: the first with what a HelloRetryRequest asks for (RFC 8446, 4.1.2).
 *
 * @throws {AnswerEnded} If the group that it asks for is none of OpenSSL's.
 */
export function secondHello(
  first: Hello,
  retry: ServerHello,
  options: HelloOptions,
  by: HelloEnvironment,
): Hello {
  const share = retry.group === null ? [] : [shareOf(retry.group, options, by)];
  const kept = first.extensions.filter(({ type }) =>
    type !== EARLY_DATA && type !== COOKIE &&
    (type !== KEY_SHARE || share.length === 0)
  );
  const cookie = retry.extensions.filter(({ type }) => type === COOKIE);
  return { ...first, extensions: [...kept, ...cookie, ...share] };
}

/** A key share of one group, which another client of OpenSSL's makes. */
function shareOf(
  group: number,
  options: HelloOptions,
  by: HelloEnvironment,
): HelloExtension {
  const { session: _, ...others } = options;
  const groups = groupName(group);
  try {
    const hello = firstFlight({ ...others, version: "TLSv1.3", groups }, by);
    const share = hello.extensions.find(({ type }) => type === KEY_SHARE);
    if (share) return share;
  } catch {
    // OpenSSL doesn't know the group: it accepted all other options for the first hello.
  }
  throw malformed(`the server asked for a key share of ${groups}`);
}
