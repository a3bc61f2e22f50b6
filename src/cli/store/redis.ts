import type { SessionStore } from "../../../mod.ts";
import { messageOf } from "../format.ts";
import { UsageError } from "../usage_error.ts";
import { displayName } from "./display_name.ts";

/** The time limit of connecting, until Redis has answered, in milliseconds. */
const CONNECT_TIMEOUT = 5_000;

/** The time limit of a command, in milliseconds; a handshake waits for less. */
const COMMAND_TIMEOUT = 2_000;

/** The longest delay between two attempts to reconnect, in milliseconds. */
const LONGEST_PAUSE = 1_000;

/** Called when the connection to a store is lost, and when it is back. */
export type OutageListener = (
  event: "away" | "back",
  message: string,
) => void;

interface OpenedRedis {
  readonly store: SessionStore;
  readonly close: () => void;
}

/** The methods that the clients for one server and for a cluster share. */
interface Connectable {
  connect(): Promise<unknown>;
  destroy(): void;
}

/**
 * Opens the store of a `redis://`, `rediss://` or `redis-cluster://` URL. A lost connection
 * is restored and both events are reported. Commands fail at once meanwhile, so that no
 * handshake waits.
 *
 * @throws {UsageError} If the URL is malformed.
 * @throws {Error} If Redis can't be reached or doesn't answer. The message has no password.
 */
export async function openRedis(
  url: string,
  onOutage: OutageListener,
  connectTimeout = CONNECT_TIMEOUT,
): Promise<OpenedRedis> {
  const name = displayName(url);
  const isCluster = url.startsWith("redis-cluster:");
  if (!(isCluster ? CLUSTER_URL.test(url) : isServerUrl(url))) {
    throw new UsageError(
      `Cannot open ${name}: the URL is malformed; in a password, the characters /?#@ must be ` +
        `percent-encoded, such as %2F` +
        (isCluster ? ", and a cluster has no numbered databases" : ""),
    );
  }
  const { createClient, createCluster } = await import("redis");
  const { RedisSessionStore } = await import("../../stores/redis.ts");
  let isOpen = false;
  const settings = {
    disableOfflineQueue: true,
    commandOptions: { timeout: COMMAND_TIMEOUT },
    socket: {
      connectTimeout,
      // The first connection isn't retried: the command fails.
      reconnectStrategy: (retries: number, cause: Error): number | Error =>
        isOpen ? Math.min(50 * 2 ** retries, LONGEST_PAUSE) : cause,
    },
  };
  const outages = new Outages(name, onOutage);
  try {
    const client = isCluster
      ? createCluster(clusterOptions(url, settings))
      : createClient({ url, ...settings });
    // Without a listener an error event would end the process.
    client.on("error", () => {});
    const prefix = isCluster ? "node-" : "";
    client.on(`${prefix}error`, (error, node) => {
      if (isOpen) outages.begin(node, causeOf(error));
    });
    client.on(`${prefix}ready`, (node) => outages.end(node));
    await connect(client, connectTimeout);
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

/** Connects, with a time limit for servers that accept the connection and don't answer. */
async function connect(
  client: Connectable,
  timeout: number,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${timeout} ms`));
      client.destroy();
    }, timeout);
  });
  try {
    await Promise.race([client.connect(), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** Reports each outage and its end once; the nodes of a cluster one by one. */
class Outages {
  readonly #name: string;
  readonly #onOutage: OutageListener;
  readonly #away = new Set<string>();

  constructor(name: string, onOutage: OutageListener) {
    this.#name = name;
    this.#onOutage = onOutage;
  }

  begin(node: unknown, reason: string): void {
    const address = addressOf(node);
    if (this.#away.has(address)) return;
    this.#away.add(address);
    this.#onOutage("away", `${this.#name}${address}: ${reason}`);
  }

  end(node: unknown): void {
    const address = addressOf(node);
    if (this.#away.delete(address)) {
      this.#onOutage("back", `${this.#name}${address}`);
    }
  }
}

/** The address of a cluster's node; empty for a single server. */
function addressOf(node: unknown): string {
  const { host, port } = (node ?? {}) as { host?: string; port?: number };
  return host === undefined ? "" : `, node ${host}:${port}`;
}

/** Whether a URL has a server, an optional database, and nothing that would be ignored. */
function isServerUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.hostname !== "" &&
    /^\/?\d*$/.test(parsed.pathname) && parsed.search === "" &&
    parsed.hash === "" && !/[?#]/.test(url);
}

const CLUSTER_URL =
  /^redis-cluster:\/\/(?:([^/?#@:]*)(?::([^/?#@]*))?@)?([^/?#@]+)\/?$/;

/** The options of a cluster's client: the root nodes, and a password for all nodes. */
function clusterOptions<T>(
  url: string,
  settings: T,
): {
  rootNodes: { url: string }[];
  defaults: T & { username?: string; password?: string };
} {
  const [, user, password, hosts = ""] = CLUSTER_URL.exec(url) ?? [];
  return {
    rootNodes: hosts.split(",").map((host) => ({ url: `redis://${host}` })),
    defaults: {
      ...settings,
      ...(user && { username: decodeURIComponent(user) }),
      ...(password && { password: decodeURIComponent(password) }),
    },
  };
}

/** A host name with several addresses fails with one error for each: this is the first. */
function causeOf(error: unknown): string {
  return error instanceof AggregateError && error.errors.length > 0
    ? messageOf(error.errors[0])
    : messageOf(error);
}
