import { UsageError } from "../usage_error.ts";
import type { ServeFlags } from "./flags.ts";

/**
 * Checks that the flags of `serve` can be combined.
 *
 * @throws {UsageError} If they exclude each other, or one needs another.
 */
export function checkCombination(flags: ServeFlags): void {
  const { alpn, echo, forward, workers, maxConnections = Infinity } = flags;
  if (workers > 1) checkWorkers(workers);
  if (maxConnections < workers) {
    throw new UsageError(
      `--max-connections ${maxConnections} is less than --workers ${workers}: each worker accepts at least one`,
    );
  }
  if (alpn?.includes("h2") && !echo && !forward) {
    throw new UsageError(
      "--alpn h2 and --http exclude each other, as the page is served over HTTP/1.1: leave out h2, or --forward to an HTTP/2 server",
    );
  }
  checkClientAuth(flags);
  if (flags.tickets !== "stateful") checkWithoutStore(flags);
  if (flags.maxEarlyData > 0 && !flags.singleUse) {
    throw new UsageError(
      `--max-early-data ${flags.maxEarlyData} needs --single-use, which protects early data from replay`,
    );
  }
}

function checkClientAuth(flags: ServeFlags): void {
  const { clientAuth, ca } = flags;
  if (clientAuth === "none") {
    for (
      const [option, isGiven] of Object.entries({
        "--ca": ca !== undefined,
        "--post-handshake-auth": flags.postHandshakeAuth === true,
        "--tag subject": flags.tag === "subject",
      })
    ) {
      if (!isGiven) continue;
      throw new UsageError(`${option} needs --client-auth request or require`);
    }
  } else if (ca === undefined) {
    throw new UsageError(`--client-auth ${clientAuth} needs --ca`);
  }
  if (ca === undefined && flags.crl) throw new UsageError("--crl needs --ca");
  if (ca === undefined && flags.partialChain) {
    throw new UsageError("--partial-chain needs --ca");
  }
}

/** Without sessions in a store, options of the store have no effect. */
function checkWithoutStore({ tickets, ...flags }: ServeFlags): void {
  for (
    const [option, isGiven] of Object.entries({
      "--store (or SESAME_STORE)": flags.store !== "memory",
      "--encrypt-key-file": flags.encryptKeyFile !== undefined,
      "--single-use": flags.singleUse === true,
      "--max-early-data": flags.maxEarlyData > 0,
      "--session-id-key-file": flags.sessionIdKeyFile !== undefined,
      "--tag": flags.tag !== undefined,
    })
  ) {
    if (!isGiven) continue;
    throw new UsageError(`${option} needs --tickets stateful, not ${tickets}`);
  }
}

function checkWorkers(workers: number): void {
  if (Deno.build.os !== "linux") {
    throw new UsageError(
      `--workers ${workers} needs Linux, which distributes connections to several listeners; this is ${Deno.build.os}`,
    );
  }
  // Without its flag, Deno ends the process when a port is shared.
  if (!("listenDatagram" in Deno)) {
    throw new UsageError(
      `--workers ${workers} needs a flag of deno before the script: deno run -A --unstable-net ...`,
    );
  }
  checkWorkerModule();
}

/** Without this permission, Deno prints an error of its own for each worker. */
function checkWorkerModule(): void {
  const { protocol, pathname } = new URL("./worker.ts", import.meta.url);
  if (protocol !== "file:" || Deno.build.standalone) return;
  const path = decodeURIComponent(pathname);
  const { state } = Deno.permissions.requestSync({ name: "read", path });
  if (state === "granted") return;
  throw new Deno.errors.NotCapable(
    `Requires read access to "${path}", run again with the --allow-read flag`,
  );
}
