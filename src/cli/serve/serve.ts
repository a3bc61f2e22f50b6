import { TlsError } from "../../internal/tls_error.ts";
import type { SessionStore } from "../../stores/session_store.ts";
import { formatAddress } from "../../internal/address.ts";
import { TlsContext } from "../../tls/context/context.ts";
import { type OpenedStore, openStore } from "../open_store.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { failureText } from "../format.ts";
import { inFlags } from "../in_flags.ts";
import { UsageError } from "../usage_error.ts";
import { cannotListen } from "./cannot_listen.ts";
import type { Certificate } from "./certificate.ts";
import type { ServeFlags } from "./flags.ts";
import { type Fleet, type FleetEvents, singleServer } from "./fleet.ts";
import { MetricsServer } from "./metrics_server.ts";
import {
  contextOptions,
  readSettings,
  readUpdate,
  type ServerSettings,
  withUpdate,
} from "./settings.ts";
import { ReloadSignal, StopSignals } from "./signals.ts";
import { storeEvents } from "./store_events.ts";
import { statusLine, summaryLine } from "./summary.ts";
import { Terminal } from "./terminal.ts";
import { WorkerPool } from "./worker_pool.ts";

/** How often the figures are drawn, in ms. */
const STATUS_PERIOD = 1_000;

/** Serves until a signal says that it's enough. */
export async function serve(flags: ServeFlags): Promise<void> {
  const { settings, certificate } = await readSettings(flags);
  const terminal = new Terminal(flags.quiet ?? false);
  const opened = await openStore(flags.store, {
    ...(flags.encryptKeyFile && { encryptKeyFile: flags.encryptKeyFile }),
    ...storeEvents((sort, message) => terminal.trouble(sort, message)),
  });
  try {
    check(settings, opened.store);
    // Each worker opens its own.
    if (settings.workers > 1 && opened.isShared) await opened.close();
    await run(flags, { settings, certificate, opened, terminal });
  } finally {
    terminal.end();
    await opened.close();
  }
}

/** What a server is made of. */
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
  const fleet = await startFleet(settings, opened, {
    onLine: (line) => terminal.print(`${new Date().toISOString()} ${line}`),
    onTrouble: (sort, message) => terminal.trouble(sort, message),
    onWorkerEnd: (message) => terminal.trouble("Workers", message),
    onDead: (message) => dead.reject(new Error(message)),
  });
  // Not before the port is this server's: the file may be another one's.
  await keep(parts.certificate, fleet);
  introduce(parts);
  using _reload = hasFiles(flags) && new ReloadSignal(async () => {
    try {
      const update = await readUpdate(flags);
      check(withUpdate(settings, update), opened.store);
      fleet.update(update);
      terminal.info("SIGHUP: new connections get what is in the files now");
    } catch (error) {
      const message = `all is as it was: ${failureText(error)}`;
      terminal.trouble("SIGHUP", message);
    }
  });
  const metrics = flags.metrics && metricsServer(flags.metrics, fleet);
  if (metrics) {
    terminal.info(`Metrics: http://${formatAddress(metrics.addr)}/metrics`);
  }
  terminal.print(`Listening on ${formatAddress(fleet.addr)}`);
  const drawing = terminal.isLive ? draw(terminal, fleet) : undefined;
  const signal = await Promise.race([signals.first, dead.promise]);
  if (metrics) metrics.isServing = false;
  terminal.info(
    `${signal}: open connections have ${
      flags.drainTimeout / 1000
    } s to end, and none with a second signal`,
  );
  await fleet.drain(flags.drainTimeout);
  clearInterval(drawing);
  terminal.end();
  terminal.info(summaryLine(await fleet.figures()));
  await metrics?.close();
}

/** Whether there is something to read anew: otherwise SIGHUP ends the program, as usual. */
function hasFiles(
  { cert, pfx, ca, sessionIdKeyFile }: ServeFlags,
): true | null {
  return cert || pfx || ca || sessionIdKeyFile ? true : null;
}

async function startFleet(
  settings: ServerSettings,
  { store, name, isShared }: OpenedStore,
  events: FleetEvents,
): Promise<Fleet> {
  if (settings.workers === 1) {
    return singleServer({ settings, store, storeName: name, events });
  }
  return await WorkerPool.start({
    settings,
    store: isShared ? null : store,
    storeName: name,
    events,
  });
}

function metricsServer(addr: HostAndPort, fleet: Fleet): MetricsServer {
  try {
    return new MetricsServer(addr, fleet);
  } catch (error) {
    throw cannotListen(addr, error, " (--metrics)");
  }
}

/** Finds out what OpenSSL thinks of the settings, before anyone connects. */
function check(settings: ServerSettings, store: SessionStore): void {
  try {
    new TlsContext(contextOptions(settings, store)).close();
  } catch (error) {
    const isMisuse = error instanceof TypeError ||
      error instanceof RangeError ||
      error instanceof TlsError &&
        ["certificate", "configuration"].includes(error.code);
    if (!isMisuse) throw error;
    throw new UsageError(inFlags(error.message), { cause: error });
  }
}

async function keep(certificate: Certificate, fleet: Fleet): Promise<void> {
  try {
    certificate.keep();
  } catch (error) {
    await fleet.drain(0);
    throw error;
  }
}

function introduce(
  { terminal, settings, certificate, opened: { name } }: Parts,
): void {
  const { context, keylog, workers } = settings;
  const { tickets, sessionTimeout } = context;
  terminal.info(certificate.description);
  terminal.info(
    tickets === "stateful"
      ? `Sessions: in ${name}, for ${sessionTimeout} s`
      : tickets === "stateless"
      ? `Sessions: with the clients, for ${sessionTimeout} s`
      : "Sessions: none are resumed",
  );
  if (workers > 1) terminal.info(`Workers: ${workers}`);
  if (keylog !== undefined) {
    terminal.trouble(
      "Warning",
      `who can read ${keylog} can decrypt all connections`,
    );
  }
}

function draw(
  terminal: Terminal,
  fleet: Fleet,
): ReturnType<typeof setInterval> {
  let before: Awaited<ReturnType<Fleet["figures"]>> | undefined;
  let since = performance.now();
  return setInterval(async () => {
    const figures = await fleet.figures();
    const now = performance.now();
    terminal.status(
      statusLine(figures, before ?? figures, (now - since) / 1000),
    );
    [before, since] = [figures, now];
  }, STATUS_PERIOD);
}
