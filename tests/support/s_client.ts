import { assertEquals } from "@std/assert";
import type { TlsVersion } from "@sesame/tls";
import type { Fleet } from "./fleet.ts";
import { Folder } from "./temp_folder.ts";
import { run, type Running, start } from "./programs.ts";

const REQUEST = "GET / HTTP/1.0\r\n\r\n";

/** OpenSSL's own client, for a fleet, with a file for its session. */
export class OpensslClient implements AsyncDisposable {
  readonly #fleet: Fleet;
  readonly #folder: Folder;
  readonly #options: string[];

  private constructor(fleet: Fleet, folder: Folder, options: string[]) {
    this.#fleet = fleet;
    this.#folder = folder;
    this.#options = options;
  }

  /** Makes one that speaks one version only. */
  static async of(
    fleet: Fleet,
    version: TlsVersion,
    options: string[] = [],
  ): Promise<OpensslClient> {
    const speak = version === "TLSv1.2" ? "-tls1_2" : "-tls1_3";
    return new OpensslClient(fleet, await Folder.make(), [speak, ...options]);
  }

  /** Asks for a page, and keeps the session: what it printed. */
  async visit(): Promise<string> {
    return await this.#run(["-sess_out", this.#session]);
  }

  /** Does so with the session that it has kept, which it keeps. */
  async revisit(): Promise<string> {
    return await this.#run(["-sess_in", this.#session]);
  }

  /** Does so with data that comes with the hello. */
  async revisitEarly(data: string): Promise<string> {
    const file = this.#folder.path("early");
    await Deno.writeTextFile(file, data);
    return await this.#run(["-sess_in", this.#session, "-early_data", file]);
  }

  /** Does what {@linkcode OpensslClient.visit} does, meanwhile. */
  async startVisit(): Promise<Running> {
    const client = start("openssl", this.#args(["-sess_out", this.#session]));
    await client.write(REQUEST);
    return client;
  }

  /** Whether it has a session. */
  async hasSession(): Promise<boolean> {
    const stat = await Deno.stat(this.#session).catch(() => undefined);
    return stat !== undefined && stat.size > 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }

  get #session(): string {
    return this.#folder.path("session.pem");
  }

  async #run(args: string[]): Promise<string> {
    const program = await run("openssl", this.#args(args), REQUEST);
    const { code, stdout, stderr } = program;
    assertEquals(code, 0, stderr);
    return stdout;
  }

  #args(args: string[]): string[] {
    return [
      "s_client",
      "-connect",
      `127.0.0.1:${this.#fleet.port}`,
      "-servername",
      "localhost",
      "-CAfile",
      this.#folder.certificate,
      "-verify_return_error",
      ...this.#options,
      ...args,
    ];
  }
}
