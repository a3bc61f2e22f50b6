import { extname } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".ts": "text/typescript",
  ".wasm": "application/wasm",
};

/** A server on a port of its own. */
export interface FolderServer extends AsyncDisposable {
  /** Where the folder is, such as `"http://127.0.0.1:8000/"`. */
  readonly url: string;
}

/** Serves a folder's files to this machine; what is posted goes to `onPost`. */
export function serveFolder(
  folder: string,
  onPost: (body: string) => void = () => {},
): FolderServer {
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, async (request) => {
    if (request.method === "POST") {
      onPost(await request.text());
      return new Response();
    }
    const { pathname } = new URL(request.url);
    try {
      return new Response(await Deno.readFile(`${folder}${pathname}`), {
        headers: { "content-type": TYPES[extname(pathname)] ?? "text/plain" },
      });
    } catch {
      return new Response("Not found", { status: 404 });
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
