// deno-lint-ignore-file explicit-function-return-type -- http_load.d.mts has the types
// A server of Node's `https`.
import { once } from "node:events";
import { createServer } from "node:https";
import { ANSWER, underRequests } from "./http_load.mjs";

export async function requestsOverHttps(m, seconds, certificates) {
  return await underRequests(m, seconds, certificates, serve);
}

async function serve(options, onRequest) {
  const server = createServer(options, (_request, response) => {
    onRequest();
    response.end(ANSWER);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
