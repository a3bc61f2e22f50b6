import {
  createTestPki,
  type TestCertificate,
  type TestPki,
} from "@sesame/tls/testing";
import {
  type Daemon,
  makePlace,
  writeFile,
} from "../../support/servers/daemon.ts";
import { crlOf, pemOf } from "../../support/credentials.ts";
import { freePort } from "../../support/free_port.ts";
import type { ServerChange } from "../../../src/audit/probe.ts";
import {
  type AuditedServer,
  type Configuration,
  CRL,
  HOSTS,
  type Node,
} from "./server.ts";

const SECRET_BYTES = 80;

/** The nodes of a configuration, running until they are disposed of. */
export class Fleet implements AsyncDisposable {
  readonly #server: AuditedServer;
  readonly #configuration: Configuration;
  readonly #folder: string;
  readonly #pki: TestPki;
  #nodes: Node[] = [];
  readonly #lists: { readonly empty: string; readonly revoked: string };
  readonly #certificates = new Map<string, TestCertificate>();
  #daemons: Daemon[] = [];
  #changes: Record<ServerChange, number> = {
    "certificate": 0,
    "client CA": 0,
    "client certificate revoked": 0,
    "restart": 0,
  };

  private constructor(
    server: AuditedServer,
    configuration: Configuration,
    folder: string,
  ) {
    this.#server = server;
    this.#configuration = configuration;
    this.#folder = folder;
    this.#pki = createTestPki({ hosts: HOSTS.map(({ name }) => name) });
    const { intermediate, ca, otherCa, client } = this.#pki;
    const lists = (revoked: TestCertificate[]): string =>
      [crlOf(intermediate, revoked), crlOf(ca), crlOf(otherCa)]
        .map((der) => pemOf("X509 CRL", der)).join("");
    this.#lists = { empty: lists([]), revoked: lists([client]) };
  }

  /** Starts it; the HTTP server without TLS is at port `backend`. */
  static async start(
    server: AuditedServer,
    configuration: Configuration,
    backend: number,
  ): Promise<Fleet> {
    const folder = await Deno.makeTempDir({ prefix: "sesame-audit-" });
    const fleet = new Fleet(server, configuration, folder);
    try {
      await Deno.chmod(folder, 0o711);
      await fleet.#makeNodes(backend);
      await fleet.#startAll();
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
    return fleet;
  }

  /** Where the nodes listen: `"127.0.0.1:8443"`. */
  get nodes(): string[] {
    return this.#nodes.map(({ port }) => `127.0.0.1:${port}`);
  }

  /** The certificates of two clients that the first name trusts. */
  get clients(): readonly [TestCertificate, TestCertificate] {
    const other = this.#pki.issue({ usage: "client", commonName: "other" });
    return [this.#pki.client, other];
  }

  /** Changes the nodes as a probe asks for it: twice the same change takes it back. */
  async change(what: ServerChange): Promise<void> {
    this.#changes[what]++;
    if (this.#configuration.renewsKeys && what !== "restart") this.#renewKeys();
    for (const { place } of this.#nodes) {
      for (const [file, text] of Object.entries(this.#files())) {
        await writeFile(place, file, text);
      }
    }
    await this.#stopAll();
    await this.#startAll();
  }

  async #makeNodes(backend: number): Promise<void> {
    const secret = newSecret();
    const { nodes = 2 } = this.#configuration;
    for (let index = 0; index < nodes; index++) {
      const place = await makePlace(
        this.#folder,
        `node${index}`,
        this.#files(),
        this.#server.user,
      );
      this.#nodes.push({
        place,
        port: freePort(),
        common: this.#folder,
        secret,
        backend,
      });
    }
  }

  #renewKeys(): void {
    const secret = newSecret();
    this.#nodes = this.#nodes.map((node) => ({ ...node, secret }));
  }

  /** The files of {@linkcode HOSTS}, as of the changes so far. */
  #files(): Record<string, string> {
    const files: Record<string, string> = {};
    const isChanged = (what: ServerChange): boolean =>
      this.#changes[what] % 2 === 1;
    const authorities = [this.#pki.ca, this.#pki.otherCa];
    for (const [index, host] of HOSTS.entries()) {
      const { cert, key } = this.#certificate(
        host.name,
        isChanged("certificate"),
      );
      const ca = authorities[(index + Number(isChanged("client CA"))) % 2];
      files[host.cert] = cert;
      files[host.key] = key;
      files[host.pair] = cert + key;
      files[host.ca] = ca?.cert ?? "";
    }
    files[CRL] = isChanged("client certificate revoked")
      ? this.#lists.revoked
      : this.#lists.empty;
    return files;
  }

  #certificate(name: string, isChanged: boolean): TestCertificate {
    const key = `${name} ${isChanged}`;
    const made = this.#certificates.get(key) ??
      this.#pki.issue({ hosts: [name, "localhost"] });
    this.#certificates.set(key, made);
    return made;
  }

  async #startAll(): Promise<void> {
    const started = await Promise.allSettled(
      this.#nodes.map((node) => this.#server.start(node, this.#configuration)),
    );
    for (const result of started) {
      if (result.status === "fulfilled") this.#daemons.push(result.value);
    }
    for (const result of started) {
      if (result.status === "rejected") throw result.reason;
    }
  }

  async #stopAll(): Promise<void> {
    const daemons = this.#daemons;
    this.#daemons = [];
    await Promise.all(daemons.map((daemon) => daemon[Symbol.asyncDispose]()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stopAll();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function newSecret(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
}
