/**
 * A registry as JSR's, on loopback: `deno publish` publishes to it and every command
 * of Deno imports from it, where `JSR_URL` is its address. It forgets all when it ends.
 *
 * @module
 */
import { extname } from "node:path";
import {
  metaOf,
  packageOf,
  type PackageVersion,
  versionMetaOf,
} from "./packages.ts";
import { untar } from "./tar.ts";

/** By which `deno publish --token` may publish. */
export const TOKEN = "loopback";

/** A registry that runs. */
export interface Registry extends AsyncDisposable {
  /** For `JSR_URL`, such as `"http://127.0.0.1:8000/"`. */
  readonly url: string;
  /** What was asked for so far: methods and paths, such as `"GET /@std/assert/meta.json"`. */
  readonly requests: readonly string[];
  /** Adds a version without `deno publish`. */
  add(version: PackageVersion): void;
}

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".ts": "text/typescript",
  ".wasm": "application/wasm",
};

type Answer = Response | Promise<Response>;

/** Starts one. */
export function serveRegistry(): Registry {
  const packages = new Map<string, PackageVersion[]>();
  const requests: string[] = [];
  const add = (version: PackageVersion): void => {
    const others = packages.get(version.name) ?? [];
    packages.set(version.name, [...others, version]);
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      requests.push(`${request.method} ${pathname}`);
      const answer = pathname.startsWith("/api/")
        ? answerApi(request, pathname.slice("/api/".length), packages, add)
        : answerFile(pathname, packages);
      return answer ?? failure(404, "notFound", "Not found");
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    requests,
    add,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What `deno publish` asks. */
function answerApi(
  request: Request,
  path: string,
  packages: ReadonlyMap<string, readonly PackageVersion[]>,
  add: (version: PackageVersion) => void,
): Answer | undefined {
  const [, scope, name, version] =
    /^scopes\/([^/]+)\/packages\/([^/]+)(?:\/versions\/([^/]+))?$/.exec(path) ??
      [];
  if (request.method === "POST" && version) {
    if (request.headers.get("authorization") !== `Bearer ${TOKEN}`) {
      return failure(401, "unauthorized", "The token is wrong");
    }
    return publish(request, `@${scope}/${name}`, version, packages, add);
  }
  // Every package can be published to, as those can that were created on JSR's site.
  if (name && !version) return Response.json({ scope, name });
  const [, id] = /^publish_status\/([^/]+)$/.exec(path) ?? [];
  return id ? Response.json(task(id, "success")) : undefined;
}

async function publish(
  request: Request,
  name: string,
  version: string,
  packages: ReadonlyMap<string, readonly PackageVersion[]>,
  add: (version: PackageVersion) => void,
): Promise<Response> {
  if (packages.get(name)?.some((other) => other.version === version)) {
    return failure(409, "duplicateVersion", `${name}@${version} is there`);
  }
  try {
    const gunzip = new DecompressionStream("gzip");
    const tar = await new Response(request.body?.pipeThrough(gunzip)).bytes();
    const published = packageOf(untar(tar));
    if (published.name !== name || published.version !== version) {
      throw new TypeError(
        `The tar file holds ${published.name}@${published.version}, not ${name}@${version}`,
      );
    }
    add(published);
  } catch (error) {
    return failure(400, "malformedRequest", String(error));
  }
  return Response.json(task(crypto.randomUUID(), "pending"));
}

/** What an import asks. */
function answerFile(
  pathname: string,
  packages: ReadonlyMap<string, readonly PackageVersion[]>,
): Answer | undefined {
  const [, name = "", rest = ""] = /^\/(@[^/]+\/[^/]+)\/(.+)$/.exec(pathname) ??
    [];
  const versions = packages.get(name);
  if (!versions) return undefined;
  if (rest === "meta.json") return Response.json(metaOf(versions));
  for (const version of versions) {
    if (rest === `${version.version}_meta.json`) {
      return versionMetaOf(version).then((meta) => Response.json(meta));
    }
    const folder = `${version.version}/`;
    if (!rest.startsWith(folder)) continue;
    const path = decodeURIComponent(rest.slice(folder.length));
    const bytes = version.files.get(path);
    if (bytes) return file(path, bytes);
  }
  return undefined;
}

function file(path: string, bytes: Uint8Array): Response {
  return new Response(Uint8Array.from(bytes), {
    headers: { "content-type": TYPES[extname(path)] ?? "text/plain" },
  });
}

/** How far a publication is. It is over by the time that someone asks. */
function task(id: string, status: "pending" | "success"): unknown {
  return { id, status, error: null };
}

function failure(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}
