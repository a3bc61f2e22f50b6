/**
 * A Redis that lives as long as the example, and forgets all when it is killed.
 *
 * @module
 */
import { freePort, waitForPort } from "./ports.ts";

/** A `redis-server` process, on the loopback. */
export class Redis implements AsyncDisposable {
  readonly port: number;
  readonly #password = crypto.randomUUID();
  #isOver = false;
  #process: Deno.ChildProcess;

  private constructor(port: number) {
    this.port = port;
    this.#process = this.#spawn();
  }

  /** Starts one on a port that is free; it ends with `cleanup`. */
  static async start(cleanup: AsyncDisposableStack): Promise<Redis> {
    const redis = cleanup.use(new Redis(freePort()));
    await waitForPort(redis.port);
    return redis;
  }

  /** Where it is, with its password. */
  get url(): string {
    return `redis://:${this.#password}@127.0.0.1:${this.port}`;
  }

  /** Ends it as a crash would. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Starts it again on the same port, after it was killed. */
  async restart(): Promise<void> {
    await this.#process.status;
    if (this.#isOver) throw new Error("It was disposed of");
    this.#process = this.#spawn();
    await waitForPort(this.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    try {
      this.kill();
    } catch {
      // It has ended.
    }
    await this.#process.status;
  }

  #spawn(): Deno.ChildProcess {
    const settings = {
      bind: "127.0.0.1",
      port: `${this.port}`,
      requirepass: this.#password,
      save: "",
    };
    try {
      return new Deno.Command("redis-server", {
        args: Object.entries(settings).flatMap(([name, value]) => [
          `--${name}`,
          value,
        ]),
        stdout: "null",
      }).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Error(
        "Cannot start Redis: redis-server isn't in PATH; try apt-get install redis-server",
      );
    }
  }
}
