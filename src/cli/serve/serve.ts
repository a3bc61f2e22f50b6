import { type SessionStore, TlsContext } from "../../../mod.ts";
import { errorText } from "../format.ts";
import { formatHostAndPort, type HostAndPort } from "../host_and_port.ts";
import { type OpenedStore, openStore } from "../open_store.ts";
import { asUsageError, isContextError } from "../option_errors.ts";
import type { Certificate } from "./certificate.ts";
import type { Figures } from "./counters.ts";
import type { ServeFlags } from "./flags.ts";
import { listenError } from "./listen_error.ts";
import { MetricsServer } from "./metrics_server.ts";
import {
  type ServerGroup,
  type ServerGroupEvents,
  singleServer,
} from "./server_group.ts";
import {
  contextOptions,
  readSettings,
  readUpdate,
  type ServerSettings,
  withUpdate,
} from "./settings.ts";
import { ReloadSignal, StopSignals } from "../signals.ts";
import { storeEvents } from "./store_events.ts";
import { statusLine, summaryLine } from "./summary.ts";
import { Terminal } from "../terminal.ts";
import { WorkerPool } from "./worker_pool.ts";

/** How often the status line is redrawn, in milliseconds. */
const STATUS_PERIOD = 1_000;

/** Serves until a signal stops the program. */
export async function serve(flags: ServeFlags): Promise<void> {
  const { settings, certificate } = await readSettings(flags);
  const terminal = new Terminal(flags.quiet ?? false);
  const opened = await openStore(flags.store, {
    ...(flags.encryptKeyFile && { encryptKeyFile: flags.encryptKeyFile }),
    ...(settings.workers > 1 && { sharedMemory: "new" }),
    ...storeEvents((topic, message) => terminal.warn(topic, message)),
  });
  try {
    check(settings, opened.store);
    // Each worker opens the store by itself.
    if (settings.workers > 1 && opened.isShared) await opened.close();
    await run(flags, { settings, certificate, opened, terminal });
  } finally {
    terminal.end();
    await opened.close();
  }
}

/** What the command is made of. */
interface Parts {
  readonly settings: ServerSettings;
  readonly certificate: Certificate;
  readonly opened: OpenedStore;
  readonly terminal: Terminal;
}

async function run(flags: ServeFlags, parts: Parts): Promise<void> {
  const { settings, opened, terminal } = parts;
  const dead = Promise.withResolvers<never>();
  dead.promise.catch(() => {});
  using signals = new StopSignals(() => {
    terminal.end();
    Deno.exit(0);
  });
  const servers = await startServers(settings, opened, {
    onLine: (line) => terminal.print(`${new Date().toISOString()} ${line}`),
    onWarning: (topic, message) => terminal.warn(topic, message),
    onWorkerEnd: (message) => terminal.warn("Workers", message),
    onDead: (message) => dead.reject(new Error(message)),
  });
  // After listening: if the port is taken, the file may belong to the other server.
  await writeCertificate(parts.certificate, servers);
  describe(parts);
  using _reload = hasFiles(flags) && new ReloadSignal(async () => {
    try {
      const update = await readUpdate(flags);
      check(withUpdate(settings, update), opened.store);
      servers.update(update);
      terminal.info("SIGHUP: the files were reloaded for new connections");
    } catch (error) {
      terminal.warn("SIGHUP", `nothing was changed: ${errorText(error)}`);
    }
  });
  const metrics = flags.metrics && startMetrics(flags.metrics, servers);
  if (metrics) {
    const address = formatHostAndPort(metrics.addr);
    terminal.info(`Metrics: http://${address}/metrics`);
  }
  terminal.print(`Listening on ${formatHostAndPort(servers.addr)}`);
  const statusTimer = terminal.isLive
    ? drawStatus(terminal, servers)
    : undefined;
  const signal = await Promise.race([signals.first, dead.promise]);
  if (metrics) metrics.isServing = false;
  terminal.info(
    `${signal}: open connections may continue for ${
      flags.drainTimeout / 1000
    } s; a second signal ends them`,
  );
  await servers.drain(flags.drainTimeout);
  clearInterval(statusTimer);
  terminal.end();
  terminal.info(summaryLine(await servers.figures()));
  await metrics?.close();
}

/** Whether there are files to reload. Without any, SIGHUP ends the program as usual. */
function hasFiles(
  { cert, pfx, ca, sessionIdKeyFile }: ServeFlags,
): true | null {
  return cert || pfx || ca || sessionIdKeyFile ? true : null;
}

async function startServers(
  settings: ServerSettings,
  { store, name, isShared, memory }: OpenedStore,
  events: ServerGroupEvents,
): Promise<ServerGroup> {
  if (settings.workers === 1) {
    return singleServer({ settings, store, storeName: name, events });
  }
  return await WorkerPool.start({
    settings,
    store: isShared || memory ? null : store,
    memory,
    storeName: name,
    events,
  });
}

function startMetrics(addr: HostAndPort, servers: ServerGroup): MetricsServer {
  try {
    return new MetricsServer(addr, servers);
  } catch (error) {
    throw listenError(addr, error, " (--metrics)");
  }
}

/**
 * Makes a context of the settings, to find invalid ones before a client connects.
 *
 * @throws {UsageError} If OpenSSL rejects them.
 */
function check(settings: ServerSettings, store: SessionStore): void {
  try {
    new TlsContext(contextOptions(settings, store)).close();
  } catch (error) {
    throw isContextError(error) ? asUsageError(error) : error;
  }
}

async function writeCertificate(
  certificate: Certificate,
  servers: ServerGroup,
): Promise<void> {
  try {
    certificate.write();
  } catch (error) {
    await servers.drain(0);
    throw error;
  }
}

function describe(
  { terminal, settings, certificate, opened: { name } }: Parts,
): void {
  const { context, keylog, workers } = settings;
  const { tickets, sessionTimeout } = context;
  terminal.info(certificate.description);
  terminal.info(
    tickets === "stateful"
      ? `Sessions: in ${name}, for ${sessionTimeout} s`
      : tickets === "stateless"
      ? `Sessions: in tickets, for ${sessionTimeout} s`
      : "Sessions: none",
  );
  if (workers > 1) terminal.info(`Workers: ${workers}`);
  if (keylog !== undefined) {
    terminal.warn(
      "Warning",
      `the secrets in ${keylog} decrypt all connections`,
    );
  }
}

function drawStatus(
  terminal: Terminal,
  servers: ServerGroup,
): ReturnType<typeof setInterval> {
  let before: Figures | undefined;
  let since = performance.now();
  return setInterval(async () => {
    const figures = await servers.figures();
    const now = performance.now();
    const seconds = (now - since) / 1000;
    terminal.status(statusLine(figures, before ?? figures, seconds));
    [before, since] = [figures, now];
  }, STATUS_PERIOD);
}
