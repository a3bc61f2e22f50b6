/**
 * Audits of a server over TCP, for the runtimes that have `node:net`.
 *
 * @module
 */
import { connect } from "node:net";
import process from "node:process";
import { nodeTransport } from "../../mod.ts";
import {
  type Audit,
  auditServer,
  type AuditServerOptions,
} from "../../src/audit/mod.ts";
import type { Checks } from "./checks.ts";
import { HOST, withServer } from "./node_socket_checks.ts";

/** One with handshakes by OpenSSL, and one with hellos of the audit's own. */
const PROBES = ["behaviour/renewal", "proof/binder"];

/** Checks of `auditServer`. The server waits until all of its connections have ended. */
export const NODE_AUDIT_CHECKS: Checks = {
  "audit: a server over node:net": () =>
    withServer(async (port) => {
      const found: string[] = [];
      for await (const { probe, kind, verdict, summary } of auditOf(port)) {
        if (kind === "tls1.3") found.push(`${probe} ${verdict}: ${summary}`);
      }
      if (PROBES.some((id, i) => !found[i]?.startsWith(`${id} pass: `))) {
        throw new Error(`these were found: ${found.join("; ")}`);
      }
    }),
  "audit: one of node:net that is left early": () =>
    withServer(async (port) => {
      for await (const { probe } of auditOf(port)) {
        if (probe === PROBES[0]) return;
      }
      throw new Error("It found nothing");
    }),
  "audit: many probes at the same time, and no warning": () =>
    withServer(async (port) => {
      const warnings: unknown[] = [];
      const note = (warning: unknown): void => void warnings.push(warning);
      process.on("warning", note);
      // Of signals with more than ten listeners Node.js 20 warns, soon afterwards.
      const probes = ["robustness", "proof"];
      for await (const _ of auditOf(port, { probes, concurrency: 16 }));
      await new Promise((resolve) => setTimeout(resolve));
      process.off("warning", note);
      if (warnings.length > 0) throw warnings[0];
    }),
  "audit: nobody listens": async () => {
    let port = 0;
    await withServer((free) => Promise.resolve(void (port = free)));
    const begun = auditOf(port)[Symbol.asyncIterator]().next();
    const error = String(await begun.catch((error: unknown) => error));
    // Deno's message has no code.
    if (!/ECONNREFUSED|Connection refused/.test(error)) throw new Error(error);
  },
};

function auditOf(port: number, options: AuditServerOptions = {}): Audit {
  return auditServer({
    connect: () => nodeTransport(connect(port, HOST)),
    probes: PROBES,
    ...options,
  });
}
