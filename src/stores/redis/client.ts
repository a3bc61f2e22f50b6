import { Buffer } from "node:buffer";
import { received } from "../../internal/received.ts";

/** The options of a node-redis command that the store uses. */
export interface NodeRedisCommandOptions {
  /** The JavaScript types of RESP types: 36 is a bulk string. */
  typeMapping?: { 36: BufferConstructor };
  /** Cancels a command that has not been sent. */
  abortSignal?: AbortSignal;
}

/** The methods of a client or client pool of `npm:redis` that the store uses. */
export interface NodeRedisClient {
  /** Sends a command. */
  sendCommand(
    args: (string | Buffer)[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
}

/** The members of a cluster client of `npm:redis` that the store uses. */
export interface NodeRedisCluster {
  /** The nodes that have slots. */
  readonly masters: readonly unknown[];
  /** The client of a node. */
  nodeClient(node: unknown): Promise<NodeRedisClient>;
  /** Sends a command to the node that a key belongs to. */
  sendCommand(
    firstKey: string | Buffer | undefined,
    isReadonly: boolean | undefined,
    args: (string | Buffer)[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
}

/** The members by which the store recognises a client of `npm:ioredis`. It uses further ones. */
export interface IoredisClient {
  /** The options of the client. */
  readonly options: { readonly keyPrefix?: string | undefined };
  /** Sends GETEX. Resolves with bytes. */
  getexBuffer(key: string): Promise<unknown>;
  /** Sends SCAN. Resolves with bytes. */
  scanBuffer(cursor: string): Promise<unknown>;
}

/** The members of a cluster client of `npm:ioredis` that the store uses. */
export interface IoredisCluster extends IoredisClient {
  /** The clients of the nodes with a role. */
  nodes(role: "master"): IoredisClient[];
}

/** The clients that `RedisSessionStore` works with. */
export type RedisClient =
  | NodeRedisClient
  | NodeRedisCluster
  | IoredisClient
  | IoredisCluster;

/** A command and its arguments. */
export type Command = [name: string, ...args: (string | Buffer)[]];

/** What the store needs of any client. Replies have bytes instead of strings. */
export interface Connection {
  /** The prefix that the client adds to each key. */
  readonly keyPrefix: string;
  /** Sends a command to the server that has the key. */
  send(key: string, command: Command, signal?: AbortSignal): Promise<unknown>;
  /** For each server with keys, a function that sends a command to it. */
  servers(): Promise<((command: Command) => Promise<unknown>)[]>;
}

/**
 * The connection of a client.
 *
 * @throws {TypeError} If the client is not of a supported kind.
 */
export function connectionOf(client: RedisClient): Connection {
  if (typeof client === "object" && client !== null) {
    // ioredis first: its clients have a different `sendCommand`.
    if ("getexBuffer" in client) return ofIoredis(client);
    if ("nodeClient" in client) return ofNodeRedisCluster(client);
    if ("sendCommand" in client) return ofNodeRedis(client);
  }
  throw new TypeError(
    `Cannot create the session store: client must be a client of npm:redis or npm:ioredis, received ${
      received(client)
    }`,
  );
}

function ofIoredis(client: IoredisClient | IoredisCluster): Connection {
  return {
    keyPrefix: client.options.keyPrefix ?? "",
    send: (_key, command) => callIoredis(client, command),
    servers: () => {
      const nodes = "nodes" in client ? client.nodes("master") : [client];
      return Promise.resolve(
        nodes.map((node) => (command) => callIoredis(node, command)),
      );
    },
  };
}

/**
 * Calls the method of a command. With automatic pipelining, `callBuffer` would lose the name of
 * the command.
 */
async function callIoredis(
  client: IoredisClient,
  [name, ...args]: Command,
): Promise<unknown> {
  const method: unknown = Reflect.get(client, `${name.toLowerCase()}Buffer`);
  if (typeof method !== "function") {
    throw new Error(`the client has no method for the command ${name}`);
  }
  return await method.apply(client, args);
}

function ofNodeRedis(client: NodeRedisClient): Connection {
  return {
    keyPrefix: "",
    send: (_key, command, signal) =>
      client.sendCommand(command, optionsFor(signal)),
    servers: () =>
      Promise.resolve([
        (command) => client.sendCommand(command, optionsFor()),
      ]),
  };
}

function ofNodeRedisCluster(cluster: NodeRedisCluster): Connection {
  return {
    keyPrefix: "",
    send: (key, command, signal) =>
      cluster.sendCommand(key, false, command, optionsFor(signal)),
    servers: async () => {
      const { masters } = cluster;
      const clients = await Promise.all(
        masters.map((master) => cluster.nodeClient(master)),
      );
      return clients.map((client) => (command) =>
        client.sendCommand(command, optionsFor())
      );
    },
  };
}

/** The options that make node-redis return bytes, whatever the client's type mapping. */
function optionsFor(signal?: AbortSignal): NodeRedisCommandOptions {
  const typeMapping = { 36: Buffer };
  return signal === undefined
    ? { typeMapping }
    : { typeMapping, abortSignal: signal };
}
