/** An HTTP server without TLS, for servers that only forward. */
export interface Backend extends AsyncDisposable {
  readonly port: number;
}

/** Starts one. */
export function startBackend(): Backend {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("OK"),
  );
  return {
    port: server.addr.port,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
