/**
 * Redis and Valkey, which the tests start themselves.
 *
 * @module
 */

import { describe } from "@std/testing/bdd";
import { join } from "node:path";
import { freePort } from "./free_port.ts";
import { describeWithout } from "./missing_programs.ts";

/** What can be started, and where it is looked for. */
const PROGRAMS = {
  "redis-server": {
    paths: ["redis-server"],
    source: "Debian: apt-get install redis-server",
  },
  "valkey-server": {
    paths: ["valkey-server", join(cacheFolder(), "valkey", "valkey-server")],
    source: "Debian 13: apt-get install valkey-server; .ci/run unpacks it",
  },
};

/** The password of all servers' default user. */
export const PASSWORD = "open sesame";

/** Which slots the masters of a cluster have. */
const SLOTS = ["0 5460", "5461 10922", "10923 16383"];

const DEADLINE_MS = 30_000;

/** A server that the tests know how to start. */
export type RedisProgram = keyof typeof PROGRAMS;

/** Options of {@linkcode RedisServer.start}. */
export interface RedisServerOptions {
  /** @default {"redis-server"} */
  program?: RedisProgram;
  /** Keeps what it is told in a file, and has it again after `restart`. */
  persistent?: boolean;
  /** More settings, as on the command line: `["--maxmemory", "10mb"]`. */
  settings?: string[];
}

/**
 * A suite that needs a server: without it the suite is skipped with a word on
 * standard error, but where `CI` is `true` it fails.
 */
export function describeWithRedis(
  program: RedisProgram,
  name: string,
  tests: () => void,
): void {
  if (pathOf(program) !== undefined) {
    describe(name, tests);
  } else {
    const { source } = PROGRAMS[program];
    describeWithout({ what: program, source }, name, tests);
  }
}

/** A server of its own port and folder; both are gone when it is disposed of. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #program: string;
  readonly #folder: string;
  readonly #settings: string[];
  #child: Deno.ChildProcess | undefined;

  private constructor(
    program: string,
    folder: string,
    port: number,
    settings: string[],
  ) {
    this.#program = program;
    this.#folder = folder;
    this.port = port;
    this.#settings = settings;
  }

  /** Starts one, and waits until it answers. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const { program = "redis-server", persistent, settings = [] } = options;
    const path = pathOf(program);
    if (path === undefined) throw new Error(`${program} is missing`);
    const folder = await Deno.makeTempDir({ prefix: "sesame_redis_" });
    const server = new RedisServer(path, folder, freePort(), [
      ...["--save", "", "--appendonly", persistent ? "yes" : "no"],
      ...["--appendfsync", "always"],
      ...settings,
    ]);
    try {
      await server.restart();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Where clients connect to, with the password. */
  get url(): string {
    return `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}`;
  }

  /** Starts it again after `stop` or `kill`, on the same port and folder. */
  async restart(): Promise<void> {
    const log = join(this.#folder, "log");
    this.#child = new Deno.Command(this.#program, {
      args: [
        ...["--port", String(this.port), "--bind", "127.0.0.1"],
        ...["--dir", this.#folder, "--logfile", log],
        ...["--requirepass", PASSWORD],
        ...this.#settings,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    let ended = false;
    this.#child.status.then(() => ended = true);
    await until(`${this.#program} answers`, async () => {
      if (ended) throw new Error(await Deno.readTextFile(log));
      return (await this.ask("PING")).includes("+PONG");
    });
  }

  /**
   * Sends commands that have no spaces in their arguments.
   *
   * @returns All that it answers, in its protocol; nothing if it can't be
   * reached.
   */
  async ask(...commands: string[]): Promise<string> {
    const lines = [`AUTH "${PASSWORD}"`, ...commands, "QUIT"];
    try {
      using connection = await Deno.connect({ port: this.port });
      const text = lines.map((line) => `${line}\r\n`).join("");
      await connection.write(new TextEncoder().encode(text));
      return await new Response(connection.readable).text();
    } catch {
      return "";
    }
  }

  /** Ends it as an operator would. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Has it hang: connections stay open, and get no answers. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** Has it go on after `pause`. */
  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #end(signal: Deno.Signal): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    try {
      child?.kill(signal);
    } catch {
      // It has ended.
    }
    await child?.status;
  }
}

/** Three masters that share the keys. */
export class RedisCluster implements AsyncDisposable {
  readonly servers: readonly RedisServer[];

  private constructor(servers: readonly RedisServer[]) {
    this.servers = servers;
  }

  /** Starts one, and waits until all of it works. */
  static async start(
    program: RedisProgram = "redis-server",
  ): Promise<RedisCluster> {
    const servers: RedisServer[] = [];
    const cluster = new RedisCluster(servers);
    try {
      while (servers.length < SLOTS.length) {
        const settings = [
          ...["--cluster-enabled", "yes", "--cluster-port", `${freePort()}`],
          ...["--cluster-config-file", "nodes.conf"],
          // Longer than this machine ever stops for.
          ...["--cluster-node-timeout", "600000"],
        ];
        servers.push(await RedisServer.start({ program, settings }));
      }
      await cluster.#join();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.servers.map((server) => server[Symbol.asyncDispose]()),
    );
  }

  async #join(): Promise<void> {
    const [first] = this.servers;
    for (const [i, server] of this.servers.entries()) {
      await server.ask(
        `CLUSTER ADDSLOTSRANGE ${SLOTS[i]}`,
        `CLUSTER SET-CONFIG-EPOCH ${i + 1}`,
      );
      const busPort = (await server.ask("CONFIG GET cluster-port"))
        .match(/(\d+)\r\n\+OK\r\n$/)?.[1];
      if (server !== first) {
        await first?.ask(`CLUSTER MEET 127.0.0.1 ${server.port} ${busPort}`);
      }
    }
    for (const server of this.servers) {
      await until("the cluster is ready", async () => {
        const info = await server.ask("CLUSTER INFO");
        return info.includes("cluster_state:ok") &&
          info.includes("cluster_known_nodes:3") &&
          info.includes("cluster_size:3");
      });
    }
  }
}

/** Waits until a condition holds. */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!await condition()) {
    if (performance.now() > deadline) throw new Error(`Never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function pathOf(program: RedisProgram): string | undefined {
  return PROGRAMS[program].paths.find((path) => {
    const args = ["--version"];
    try {
      return new Deno.Command(path, { args, stdout: "null" }).outputSync()
        .success;
    } catch {
      return false;
    }
  });
}

function cacheFolder(): string {
  const home = Deno.env.get("HOME") ?? "";
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(home, ".cache");
  return Deno.env.get("SESAME_CACHE") ?? join(cache, "sesame");
}
