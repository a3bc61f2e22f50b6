import { Cluster, Redis } from "ioredis";
import { Buffer } from "node:buffer";
import { createClient, createClientPool, createCluster } from "redis";
import type { RedisClient } from "../../src/stores/redis.ts";
import { PASSWORD, type RedisServer } from "../support/redis.ts";

/** A client that is connected until it is disposed of. */
export interface OpenClient extends AsyncDisposable {
  readonly client: RedisClient;
}

/** Connects a client to a server, or to the cluster that the server is in. */
export type Connect = (server: RedisServer) => Promise<OpenClient>;

/** Far more than any command takes. */
const PATIENCE_MS = 30_000;

/** The clients for one server, made in as many ways as matter to a store. */
export const CLIENTS = {
  "node-redis": (server) => nodeRedis(server),
  "node-redis with RESP 2": async ({ url }) =>
    await opened(createClient({ url, RESP: 2 })),
  "node-redis with types of its own": async (server) => {
    const client = createClient({
      url: server.url,
      commandOptions: { typeMapping: { 36: String, 58: String, 43: Buffer } },
    });
    return await opened(client);
  },
  "node-redis with a pool": async (server) =>
    await opened(createClientPool({ url: server.url }, { maximum: 4 })),
  "ioredis": (server) => ioredis(server),
  "ioredis with RESP 2": async ({ url }) =>
    await opened(new Redis(url, { ...LAZY, protocol: 2 })),
  "ioredis with replies of RESP 3": async ({ url }) =>
    await opened(new Redis(url, { ...LAZY, replyMapping: "resp3" })),
  "ioredis with options of its own": async ({ url }) =>
    await opened(
      new Redis(url, {
        ...LAZY,
        keyPrefix: "app*:",
        enableAutoPipelining: true,
        stringNumbers: true,
      }),
    ),
} satisfies Record<string, Connect>;

/** The clients for a cluster. */
export const CLUSTER_CLIENTS = {
  "node-redis": async (server) =>
    await opened(createCluster(clusterOptions(server))),
  "node-redis that reads from replicas": async (server) =>
    await opened(
      createCluster({ ...clusterOptions(server), useReplicas: true }),
    ),
  "ioredis": async (server) =>
    await opened(
      new Cluster([server], { ...LAZY, redisOptions: { password: PASSWORD } }),
    ),
  "ioredis with options of its own": async (server) =>
    await opened(
      new Cluster([server], {
        ...LAZY,
        redisOptions: { password: PASSWORD, keyPrefix: "app:" },
        enableAutoPipelining: true,
        scaleReads: "slave",
      }),
    ),
} satisfies Record<string, Connect>;

const LAZY = { lazyConnect: true } as const;

/** How a client is set up apart from what a TLS server always needs. */
export interface ClientOptions {
  /** How long to wait for a server that hangs, in milliseconds. */
  patience?: number;
}

/** Node-redis as a TLS server should set it up. */
export async function nodeRedis(
  { url }: RedisServer,
  { patience = PATIENCE_MS }: ClientOptions = {},
): Promise<OpenClient> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: 50, socketTimeout: patience },
    pingInterval: patience / 4,
  });
  return await opened(client);
}

/** Ioredis as a TLS server should set it up. */
export async function ioredis(
  { url }: RedisServer,
  { patience = PATIENCE_MS }: ClientOptions = {},
): Promise<OpenClient> {
  const client = new Redis(url, {
    ...LAZY,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: patience,
    retryStrategy: () => 50,
  });
  return await opened(client);
}

function clusterOptions({ port }: RedisServer): ClusterOptions {
  return {
    rootNodes: [{ url: `redis://127.0.0.1:${port}` }],
    defaults: { password: PASSWORD, disableOfflineQueue: true },
  };
}

type ClusterOptions = NonNullable<Parameters<typeof createCluster>[0]>;

type AnyClient = RedisClient & {
  connect(): Promise<unknown>;
  on(event: "error", listener: () => void): unknown;
} & ({ destroy(): void } | { disconnect(): void });

async function opened(client: AnyClient): Promise<OpenClient> {
  // It is the calls that have to fail.
  client.on("error", () => {});
  await client.connect();
  return {
    client,
    [Symbol.asyncDispose]: (): Promise<void> => {
      if ("destroy" in client) client.destroy();
      else client.disconnect();
      return Promise.resolve();
    },
  };
}
