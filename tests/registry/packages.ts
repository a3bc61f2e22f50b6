/** What a registry holds, and how it looks from outside. */
import { extname, join } from "node:path";

/** One version of a package, as it was published. */
export interface PackageVersion {
  /** Such as `"@sesame/tls"`. */
  readonly name: string;
  /** Such as `"0.1.0"`. */
  readonly version: string;
  /** Subpaths and what they stand for, such as `{ ".": "./mod.ts" }`. */
  readonly exports: Readonly<Record<string, string>>;
  /** The files by their names in the package, such as `"mod.ts"`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What a package's `deno.json` says of it. */
export interface PackageConfig {
  /** Its name, with the scope. */
  readonly name?: string;
  /** Its version. */
  readonly version?: string;
  /** Its exports, or the only one. */
  readonly exports?: string | Readonly<Record<string, string>>;
}

const SOURCES = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs"];
const CONFIGS = ["deno.json", "deno.jsonc", "jsr.json"];

/** A version from its files and what its configuration file says. */
export function packageOf(
  files: ReadonlyMap<string, Uint8Array>,
  overrides: PackageConfig = {},
): PackageVersion {
  const { name, version, exports } = { ...configIn(files), ...overrides };
  if (!name || !version || !exports) {
    throw new TypeError(
      `A package needs a name, a version and exports, received ${name}, ${version} and ${exports}`,
    );
  }
  return {
    name,
    version,
    files,
    exports: typeof exports === "string" ? { ".": exports } : exports,
  };
}

/**
 * A version from a folder, without `deno publish`. Its sources' bare specifiers are
 * replaced by what `imports` has for them: `{ "@std/internal": "jsr:@std/internal@1" }`.
 */
export async function packageInFolder(
  folder: string,
  overrides: PackageConfig = {},
  imports: Readonly<Record<string, string>> = {},
): Promise<PackageVersion> {
  const files = new Map<string, Uint8Array>();
  for await (const path of filesIn(folder)) {
    const bytes = await Deno.readFile(join(folder, path));
    const isSource = SOURCES.includes(extname(path));
    files.set(path, isSource ? withImports(bytes, imports) : bytes);
  }
  return packageOf(files, overrides);
}

/** What `NAME/meta.json` answers. */
export function metaOf(versions: readonly PackageVersion[]): unknown {
  const last = versions.at(-1);
  const [scope = "", name = ""] = last?.name.slice(1).split("/") ?? [];
  return {
    scope,
    name,
    latest: last?.version,
    versions: Object.fromEntries(
      versions.map(({ version }) => [version, { createdAt: LONG_AGO }]),
    ),
  };
}

/** What `NAME/VERSION_meta.json` answers. */
export async function versionMetaOf(
  { files, exports }: PackageVersion,
): Promise<unknown> {
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for (const [path, bytes] of files) {
    const hash = await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
    const checksum = `sha256-${new Uint8Array(hash).toHex()}`;
    manifest[`/${path}`] = { size: bytes.length, checksum };
  }
  return { manifest, exports };
}

// Deno can be told to keep away from versions that are too young.
const LONG_AGO = "2025-01-01T00:00:00.000Z";

function configIn(files: ReadonlyMap<string, Uint8Array>): PackageConfig {
  for (const name of CONFIGS) {
    const bytes = files.get(name);
    if (bytes) return JSON.parse(new TextDecoder().decode(bytes));
  }
  return {};
}

async function* filesIn(folder: string, within = ""): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(join(folder, within))) {
    const path = within ? `${within}/${entry.name}` : entry.name;
    if (entry.isDirectory) yield* filesIn(folder, path);
    else if (entry.isFile) yield path;
  }
}

function withImports(
  bytes: Uint8Array,
  imports: Readonly<Record<string, string>>,
): Uint8Array {
  let text = new TextDecoder().decode(bytes);
  for (const [name, target] of Object.entries(imports)) {
    for (const quote of [`"`, `'`]) {
      text = text.replaceAll(`${quote}${name}${quote}`, quote + target + quote)
        .replaceAll(`${quote}${name}/`, `${quote}${target}/`);
    }
  }
  return new TextEncoder().encode(text);
}
