import type { SessionStore } from "../../stores/session_store.ts";
import { reasonOf } from "../format.ts";
import { UsageError } from "../usage_error.ts";
import { nameOf } from "./spec_name.ts";

/** How long connecting may take, until Redis has answered, in milliseconds. */
const CONNECT_TIMEOUT = 5_000;

/** How long a command may take, in milliseconds; a handshake gives up earlier. */
const COMMAND_TIMEOUT = 2_000;

/** The longest pause between two attempts to reconnect, in milliseconds. */
const LONGEST_PAUSE = 1_000;

/** A store that has gone, or has come back, and the words for it. */
export type OutageListener = (
  event: "away" | "back",
  message: string,
) => void;

interface OpenedRedis {
  readonly store: SessionStore;
  readonly close: () => void;
}

/** What the clients for one server and for a cluster have in common. */
interface Connectable {
  connect(): Promise<unknown>;
  destroy(): void;
}

/**
 * Opens the store of a `redis://`, `rediss://` or `redis-cluster://` URL. A
 * connection that breaks later comes back by itself, and both is told of; until then
 * commands fail at once, so that no handshake waits for it.
 *
 * @throws {UsageError} If it is no such URL.
 * @throws {Error} If Redis can't be reached, or doesn't answer. No message has the password.
 */
export async function openRedis(
  url: string,
  onOutage: OutageListener,
  connectTimeout = CONNECT_TIMEOUT,
): Promise<OpenedRedis> {
  const name = nameOf(url);
  const isCluster = url.startsWith("redis-cluster:");
  if (!(isCluster ? CLUSTER_URL.test(url) : isServerUrl(url))) {
    throw new UsageError(
      `Cannot open ${name}: the URL is malformed; in a password, each of /?#@ is written ` +
        `as % and its code, such as %2F` +
        (isCluster ? ", and a cluster has no databases" : ""),
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
      // The first time there is no use in waiting: whoever started this sees it.
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

/** Connects. A server that takes connections and then says nothing is given up. */
async function connect(
  client: Connectable,
  timeout: number,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`it doesn't answer within ${timeout} ms`));
      client.destroy();
    }, timeout);
  });
  try {
    await Promise.race([client.connect(), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** Tells once of each outage, and once of its end; of a cluster's nodes, one by one. */
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

/** Which of a cluster's nodes it is; nothing where there is only one. */
function addressOf(node: unknown): string {
  const { host, port } = (node ?? {}) as { host?: string; port?: number };
  return host === undefined ? "" : `, node ${host}:${port}`;
}

/** Whether a URL names a server and perhaps a database, and nothing that would be ignored. */
function isServerUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.hostname !== "" &&
    /^\/?\d*$/.test(parsed.pathname) && parsed.search === "" &&
    parsed.hash === "" && !/[?#]/.test(url);
}

const CLUSTER_URL =
  /^redis-cluster:\/\/(?:([^/?#@:]*)(?::([^/?#@]*))?@)?([^/?#@]+)\/?$/;

/** The nodes to ask for all the others, which take the same password. */
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

/** A name that has several addresses fails with the error of each. */
function causeOf(error: unknown): string {
  return error instanceof AggregateError && error.errors.length > 0
    ? reasonOf(error.errors[0])
    : reasonOf(error);
}
