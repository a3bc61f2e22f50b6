/**
 * A TCP port whose connections go through WebSockets, a WebSocket each:
 *
 *   deno run --allow-net bridge.ts 8443 wss://sesame-server.example.workers.dev
 *   curl --cacert ca.pem --connect-to ::localhost:8443 https://tls.example.com
 *
 * @module
 */
const [port = "8443", url = "ws://127.0.0.1:8787"] = Deno.args;

const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(port) });
console.log(`Listening on port ${listener.addr.port}`);
for await (const conn of listener) {
  bridge(conn, new WebSocket(url)).catch((error) => console.error(error));
}

/** Carries bytes both ways until both ends have closed. */
async function bridge(conn: Deno.TcpConn, socket: WebSocket): Promise<void> {
  socket.binaryType = "arraybuffer";
  const writer = conn.writable.getWriter();
  socket.addEventListener("message", ({ data }) => {
    writer.write(new Uint8Array(data)).catch(() => socket.close());
  });
  socket.addEventListener("close", () => writer.close().catch(() => {}));
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  for await (const bytes of conn.readable) socket.send(bytes);
  socket.close(1000);
}
