import { Buffer } from "node:buffer";

/** What node-redis takes with a command, as far as the store says anything. */
export interface NodeRedisCommandOptions {
  /** JavaScript types by RESP type: 36 is that of a string of bytes. */
  typeMapping?: { 36: BufferConstructor };
  /** Aborted when the command need not be sent any more. */
  abortSignal?: AbortSignal;
}

/** A client or a client pool of `npm:redis`, as far as the store uses it. */
export interface NodeRedisClient {
  /** Sends a command. */
  sendCommand(
    args: (string | Buffer)[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
}

/** A cluster client of `npm:redis`, as far as the store uses it. */
export interface NodeRedisCluster {
  /** The nodes that slots belong to. */
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

/**
 * A client of `npm:ioredis`, as far as it takes to tell it from others. The
 * store uses the methods of several commands.
 */
export interface IoredisClient {
  /** How the client was made. */
  readonly options: { readonly keyPrefix?: string | undefined };
  /** The command GETEX, which answers with bytes. */
  getexBuffer(key: string): Promise<unknown>;
  /** The command SCAN, which answers with bytes. */
  scanBuffer(cursor: string): Promise<unknown>;
}

/** A cluster client of `npm:ioredis`, as far as the store uses it. */
export interface IoredisCluster extends IoredisClient {
  /** The clients of the nodes that have a role. */
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

/** What the store asks of a client, whichever it is. Strings come as bytes. */
export interface Connection {
  /** What the client puts before each key by itself. */
  readonly keyPrefix: string;
  /** Sends a command to the server that has the key. */
  send(key: string, command: Command, signal?: AbortSignal): Promise<unknown>;
  /** For each server that holds keys: sends a command to just that one. */
  servers(): Promise<((command: Command) => Promise<unknown>)[]>;
}

/**
 * Finds out what a client is.
 *
 * @throws {TypeError} If it is none that the store knows.
 */
export function connectionOf(client: RedisClient): Connection {
  if (typeof client === "object" && client !== null) {
    // First ioredis, as its clients have a `sendCommand` too, but another.
    if ("getexBuffer" in client) return ofIoredis(client);
    if ("nodeClient" in client) return ofNodeRedisCluster(client);
    if ("sendCommand" in client) return ofNodeRedis(client);
  }
  throw new TypeError(
    `Cannot create the session store: client must be a client of npm:redis or npm:ioredis, received ${
      client === null ? "null" : typeof client
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
 * Calls the method of a command. Not `callBuffer`, which loses the command's
 * name where ioredis pipelines by itself.
 */
async function callIoredis(
  client: IoredisClient,
  [name, ...args]: Command,
): Promise<unknown> {
  const method: unknown = Reflect.get(client, `${name.toLowerCase()}Buffer`);
  if (typeof method !== "function") {
    throw new Error(`this client of ioredis has no command ${name}`);
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

/** Has node-redis answer with bytes, whatever types the client was made for. */
function optionsFor(signal?: AbortSignal): NodeRedisCommandOptions {
  const typeMapping = { 36: Buffer };
  return signal === undefined
    ? { typeMapping }
    : { typeMapping, abortSignal: signal };
}
