/** A server of the page, as a host is that has what was compressed beforehand. */
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".lzma": "application/octet-stream",
  ".wasm": "application/wasm",
};
const SUFFIXES = { br: ".br", gzip: ".gz" } as const;

/** How a server serves. */
export interface ServeOptions {
  /** The port; 0 takes any. */
  readonly port: number;
  /** What it has compressed beforehand, the preferred one first. By default Brotli and gzip. */
  readonly encodings?: readonly (keyof typeof SUFFIXES)[];
}

/** A server that is running. */
export interface PlaygroundServer extends AsyncDisposable {
  /** Where the page is, such as `"http://127.0.0.1:8000/"`. */
  readonly url: string;
}

/** Serves the folder of a build to this machine. */
export function servePlayground(
  folder: string,
  { port, encodings = ["br", "gzip"] }: ServeOptions,
): PlaygroundServer {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    (request) => answer(folder, request, encodings),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function answer(
  folder: string,
  request: Request,
  encodings: NonNullable<ServeOptions["encodings"]>,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const name = normalize(pathname === "/" ? "/index.html" : pathname);
  const type = TYPES[extname(name)];
  if (type === undefined) return notFound();
  const path = join(folder, name);
  const accepted = request.headers.get("accept-encoding") ?? "";
  const headers = { "content-type": type, "vary": "accept-encoding" };
  for (const encoding of encodings) {
    const bytes = accepted.includes(encoding)
      ? await read(`${path}${SUFFIXES[encoding]}`)
      : undefined;
    if (bytes === undefined) continue;
    return new Response(bytes, {
      headers: {
        ...headers,
        "content-encoding": encoding,
        "content-length": String(bytes.length),
      },
    });
  }
  const bytes = await read(path);
  return bytes === undefined ? notFound() : new Response(bytes, { headers });
}

async function read(
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch {
    return undefined;
  }
}

function notFound(): Response {
  return new Response("Not found", { status: 404 });
}
