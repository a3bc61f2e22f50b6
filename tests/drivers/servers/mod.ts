import { join } from "node:path";
import { TlsContext } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestPki, type TestPki } from "@sesame/tls/testing";
import { freePort } from "../../support/free_port.ts";
import type { Site } from "../site.ts";
import {
  FILES,
  makePlace,
  type ServerKind,
  whyMissing,
} from "../../support/servers/daemon.ts";
import { exim } from "../../support/servers/exim.ts";
import { mariadb } from "../../support/servers/mariadb.ts";
import { postgres } from "../../support/servers/postgres.ts";
import { vsftpd } from "../../support/servers/vsftpd.ts";
import { Front } from "./front.ts";
import { mosquitto } from "./mosquitto.ts";
import { nginx } from "./nginx.ts";
import { redis } from "./redis.ts";

const KINDS: Readonly<Record<string, ServerKind>> = {
  postgres,
  mariadb,
  redis,
  exim,
  mosquitto,
  vsftpd,
  nginx,
};

/** All servers, running until they are disposed of. */
export interface Servers extends AsyncDisposable {
  /** A folder for what goes with them. */
  readonly folder: string;
  /** Where they are. */
  readonly site: Omit<Site, "packages" | "files">;
  /** Who has made all certificates. */
  readonly pki: TestPki;
  /** Why a server isn't there, by its name. */
  readonly missing: ReadonlyMap<string, string>;
}

/** Starts those that are installed, all at once; by default of all kinds. */
export async function startServers(
  names: readonly string[] = Object.keys(KINDS),
): Promise<Servers> {
  await using resources = new globalThis.AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "sesame-drivers-" });
  resources.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.chmod(folder, 0o711);
  const pki = createTestPki({ hosts: ["localhost", "127.0.0.1"] });
  const files = {
    [FILES.ca]: pki.ca.cert,
    [FILES.cert]: pki.server.cert,
    [FILES.key]: pki.server.key,
  };
  const ports: Record<string, number> = {};
  const logs: Record<string, string> = {};
  const missing = new Map<string, string>();
  await Promise.all(
    Object.entries(KINDS).map(async ([name, kind]) => {
      if (!names.includes(name)) return;
      const why = whyMissing(kind);
      if (why !== undefined) {
        missing.set(name, why);
        return;
      }
      const place = await makePlace(folder, name, files, kind.user);
      const port = freePort();
      resources.use(await kind.start(place, port));
      ports[name] = port;
      logs[name] = join(place.folder, kind.log ?? FILES.log);
    }),
  );
  if (ports.postgres !== undefined) {
    const { cert, key } = pki.server;
    const context = resources.use(
      new TlsContext({
        cert,
        key,
        caCerts: [pki.ca.cert],
        clientAuth: "require",
        sessions: new MemorySessionStore(),
      }),
    );
    const log = join(folder, "front.log");
    const socket = join(folder, "postgres", `.s.PGSQL.${ports.postgres}`);
    const front = resources.use(new Front(context, socket, log));
    ports.front = front.port;
    logs.front = log;
  }
  const owned = resources.move();
  return {
    folder,
    pki,
    site: {
      ports,
      logs,
      ca: pki.ca.cert,
      cert: pki.client.cert,
      key: pki.client.key,
      server: pki.server,
    },
    missing,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
