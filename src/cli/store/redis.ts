import { reasonOf } from "../session/format.ts";
import type { SessionStore } from "../../stores/session_store.ts";

/** How long connecting may take, in milliseconds. */
const CONNECT_TIMEOUT = 3_000;

/** How long a command may take, in milliseconds; a handshake gives up earlier. */
const COMMAND_TIMEOUT = 2_000;

/** The longest pause between two attempts to reconnect, in milliseconds. */
const LONGEST_PAUSE = 5_000;

interface OpenedRedis {
  readonly store: SessionStore;
  readonly close: () => void;
}

/**
 * Opens the store of a `redis://`, `rediss://` or `redis-cluster://` URL. A
 * connection that breaks later comes back by itself; until then commands fail at
 * once, so that no handshake waits for it.
 *
 * @throws {Error} If Redis can't be reached. It names the server by `name` only.
 */
export async function openRedis(
  url: string,
  name: string,
): Promise<OpenedRedis> {
  const { createClient, createCluster } = await import("redis");
  const { RedisSessionStore } = await import("../../stores/redis.ts");
  let isOpen = false;
  const settings = {
    disableOfflineQueue: true,
    commandOptions: { timeout: COMMAND_TIMEOUT },
    socket: {
      connectTimeout: CONNECT_TIMEOUT,
      // The first time there is no use in waiting: whoever started this sees it.
      reconnectStrategy: (retries: number, cause: Error): number | Error =>
        isOpen ? Math.min(50 * 2 ** retries, LONGEST_PAUSE) : cause,
    },
  };
  try {
    const client = url.startsWith("redis-cluster:")
      ? createCluster(clusterOptions(url, settings))
      : createClient({ url, ...settings });
    let last = "";
    // Without a listener an error event would end the process. The same failure
    // again, at each attempt to reconnect, is no news.
    client.on("error", (error) => {
      const reason = causeOf(error);
      if (isOpen && reason !== last) console.error(`${name}: ${reason}`);
      last = reason;
    });
    for (const event of ["ready", "node-ready"]) {
      client.on(event, () => last = "");
    }
    await client.connect();
    isOpen = true;
    return {
      store: new RedisSessionStore(client),
      close: () => client.destroy(),
    };
  } catch (error) {
    throw new Error(`Cannot open ${name}: ${causeOf(error)}`, {
      cause: error,
    });
  }
}

/** The nodes to ask for all the others, which take the same password. */
function clusterOptions<T>(
  url: string,
  settings: T,
): {
  rootNodes: { url: string }[];
  defaults: T & { username?: string; password?: string };
} {
  const [, user, password, hosts = ""] =
    /^redis-cluster:\/\/(?:([^/@:]*)(?::([^/@]*))?@)?([^/]*)/.exec(url) ?? [];
  return {
    rootNodes: hosts.split(",").map((host) => ({ url: `redis://${host}` })),
    defaults: {
      ...settings,
      ...(user && { username: decodeURIComponent(user) }),
      ...(password && { password: decodeURIComponent(password) }),
    },
  };
}

/** A name that has several addresses fails with the error of each. */
function causeOf(error: unknown): string {
  return error instanceof AggregateError && error.errors.length > 0
    ? reasonOf(error.errors[0])
    : reasonOf(error);
}
