import { join } from "node:path";
import { certificate } from "./engines.ts";

/** A folder of a test's own, with the certificate and key of all test servers. */
export class Folder implements AsyncDisposable {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes one. */
  static async make(): Promise<Folder> {
    const folder = new Folder(await Deno.makeTempDir({ prefix: "sesame-" }));
    await Deno.writeTextFile(folder.certificate, certificate.cert);
    await Deno.writeTextFile(folder.key, certificate.key);
    return folder;
  }

  /** Where the certificate is. */
  get certificate(): string {
    return this.path("cert.pem");
  }

  /** Where its key is. */
  get key(): string {
    return this.path("key.pem");
  }

  /** Where a file of this name is, or will be. */
  path(name: string): string {
    return join(this.#path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#path, { recursive: true });
  }
}
