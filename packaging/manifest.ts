/** What package.json is made from: `deno.json`. */
export interface PackageConfig {
  /** The package's name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Its license. */
  readonly license: string;
  /** Its exports, TypeScript files by subpath. */
  readonly exports: Readonly<Record<string, string>>;
}

/** The package.json of npm's package. */
export interface Manifest {
  /** The package's name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The rest. */
  readonly [field: string]: unknown;
}

/**
 * Where the module is, for whoever asks: the first condition that holds. workerd can't
 * compile at run time, whoever bundles for it; bundlers set `module`, Node.js doesn't.
 * Where Node.js can require() such a package, it sets `module-sync`.
 */
const OPENSSL = {
  workerd: "./wasm/workerd.js",
  module: "./wasm/embedded.js",
  deno: "./wasm/embedded.js",
  "module-sync": "./wasm/file_sync.js",
  node: "./wasm/file.js",
  default: "./wasm/embedded.js",
};

/** Makes it. */
export function manifestOf(
  { name, version, license, exports }: PackageConfig,
): Manifest {
  const entries = Object.entries(exports).map(([subpath, path]) => {
    const stem = path.replace(/\.ts$/, "");
    return [subpath, { types: `${stem}.d.ts`, default: `${stem}.js` }];
  });
  return {
    name,
    version,
    license,
    description:
      "OpenSSL's libssl in WebAssembly: TLS with sessions in a store that you choose",
    keywords: ["openssl", "session", "ssl", "tls", "wasm", "webassembly"],
    type: "module",
    sideEffects: ["./src/node/register.js"],
    engines: { node: ">=20" },
    exports: {
      ...Object.fromEntries(entries),
      "./package.json": "./package.json",
    },
    imports: { "#openssl": OPENSSL },
  };
}
