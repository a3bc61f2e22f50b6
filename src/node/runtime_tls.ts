/** The kinds of certificates that `getCACertificates` takes. */
export type CaType = "bundled" | "default" | "extra" | "system";

/** What is used of the runtime's own `node:tls`. */
interface NodeTls {
  readonly rootCertificates?: readonly string[];
  readonly DEFAULT_CIPHERS?: string;
  readonly DEFAULT_MAX_VERSION?: string;
  readonly DEFAULT_MIN_VERSION?: string;
  getCACertificates?(type: CaType): readonly string[];
  setDefaultCACertificates?(certs: readonly (string | ArrayBufferView)[]): void;
}

/** The runtime's own `node:tls` as it was before `register` put ours in its place. */
export interface RuntimeTls {
  /** The certificates of the runtime, such as Mozilla's; none if it has none. */
  rootCertificates(): readonly string[];
  /** `undefined` where the runtime doesn't have it. */
  readonly getCACertificates: NodeTls["getCACertificates"];
  /** `undefined` where the runtime doesn't have it. */
  readonly setDefaultCACertificates: NodeTls["setDefaultCACertificates"];
  /** What Node.js's command line sets; `undefined` in other runtimes. */
  readonly nodeDefaults:
    | Pick<
      NodeTls,
      "DEFAULT_CIPHERS" | "DEFAULT_MAX_VERSION" | "DEFAULT_MIN_VERSION"
    >
    | undefined;
}

/** Taken when this module is loaded: afterwards the same object may be ours. */
export const runtimeTls: RuntimeTls = taken();

function taken(): RuntimeTls {
  const { process } = globalThis as {
    process?: {
      getBuiltinModule?(id: string): NodeTls | undefined;
      versions?: Record<string, string>;
    };
  };
  const tls = process?.getBuiltinModule?.("node:tls") ?? {};
  const roots = Object.getOwnPropertyDescriptor(tls, "rootCertificates");
  const { versions = {} } = process ?? {};
  const isNode = versions.node !== undefined && versions.deno === undefined &&
    versions.bun === undefined;
  return {
    rootCertificates: () =>
      (roots?.get ? roots.get.call(tls) : roots?.value) ?? [],
    getCACertificates: tls.getCACertificates,
    setDefaultCACertificates: tls.setDefaultCACertificates,
    nodeDefaults: isNode
      ? {
        DEFAULT_CIPHERS: tls.DEFAULT_CIPHERS,
        DEFAULT_MAX_VERSION: tls.DEFAULT_MAX_VERSION,
        DEFAULT_MIN_VERSION: tls.DEFAULT_MIN_VERSION,
      } as RuntimeTls["nodeDefaults"]
      : undefined,
  };
}
