import { ownOptions } from "../internal/own_options.ts";
import { checkFunction } from "../internal/option_checks.ts";
import { LazyPki } from "./pki/lazy.ts";
import type { TestPki, TestPkiOptions } from "./pki/types.ts";

export type * from "./pki/types.ts";

/**
 * Makes a root, an intermediate, servers and clients from a seed: valid ones and ones that a
 * peer must refuse. The same seed at the same time makes the same bytes in every process.
 * Who knows the seed knows the keys (see {@linkcode seededEntropy}): **for tests only**.
 *
 * Certificates are valid around the time of this call: servers and clients for 90 days,
 * authorities for years.
 *
 * @throws {TypeError} If an option has the wrong type or an unknown name.
 *
 * @example A client refuses an expired certificate
 * ```ts
 * import { TlsContext, TlsEngine, TlsError } from "@sesame/tls";
 * import { createTestPki } from "@sesame/tls/testing";
 * import { assertThrows } from "@std/assert";
 *
 * const pki = createTestPki({ seed: "expired" });
 * using server = new TlsEngine(new TlsContext(pki.expired), { role: "server" });
 * using client = new TlsEngine(new TlsContext({ caCerts: [pki.ca.cert] }), {
 *   role: "client",
 *   hostname: "localhost",
 * });
 * server.receive(client.send());
 * assertThrows(
 *   () => client.receive(server.send()),
 *   TlsError,
 *   "certificate has expired",
 * );
 * ```
 */
export function createTestPki(options: TestPkiOptions = {}): TestPki {
  const own = ownOptions(options, {
    seed: true,
    keyType: true,
    hosts: true,
    now: true,
  }, { of: "createTestPki" });
  checkFunction(own.now, "now");
  return new LazyPki(own);
}
