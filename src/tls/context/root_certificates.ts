/** What is used of `node:tls`, which several runtimes have. */
interface NodeTls {
  readonly rootCertificates?: readonly string[];
  getCACertificates?(type: "default"): readonly string[];
}

/**
 * The certificates in PEM that the runtime trusts by default. Deno, Node.js and Bun have
 * some: Mozilla's, and what they were told to add.
 *
 * @example A context for clients
 * ```ts
 * import { rootCertificates, TlsContext } from "@sesame/tls";
 *
 * using context = new TlsContext({ caCerts: rootCertificates() });
 * ```
 *
 * @throws {TypeError} If the runtime has none.
 * @throws {Deno.errors.NotCapable} In Deno without `--allow-sys --allow-env=NODE_USE_SYSTEM_CA`.
 */
export function rootCertificates(): string[] {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): NodeTls | undefined };
  };
  const tls = process?.getBuiltinModule?.("node:tls");
  const certificates = tls?.getCACertificates?.("default") ??
    tls?.rootCertificates ?? [];
  if (certificates.length === 0) {
    throw new TypeError(
      "Cannot verify servers by default: this runtime has no root certificates; set options.caCerts",
    );
  }
  return [...certificates];
}
