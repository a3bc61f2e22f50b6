/** A WebSocket, such as one end of a Worker's `WebSocketPair`. */
export interface TunnelSocket extends WebSocket {
  /** Has the Worker handle it. */
  accept?(): void;
}

/** Bytes that may wait to be read: more than a TLS server lets a client send unread. */
const MAX_WAITING = 1 << 20;

/** A WebSocket as a transport of bytes, of which the messages' borders don't matter. */
export function tunnelTransport(socket: TunnelSocket): {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
} {
  socket.binaryType = "arraybuffer";
  socket.accept?.();
  let open = true;
  const readable = new ReadableStream<Uint8Array>({
    start(controller): void {
      const end = (act: () => void): void => {
        if (open) act();
        open = false;
      };
      socket.addEventListener("message", ({ data }) => {
        if (!open) return;
        if (!(data instanceof ArrayBuffer)) {
          const reason = "The tunnel takes binary messages";
          end(() => controller.error(new Error(reason)));
          socket.close(1003, reason);
          return;
        }
        controller.enqueue(new Uint8Array(data));
        // WebSockets have no back-pressure.
        if ((controller.desiredSize ?? 0) < 0) {
          end(() => controller.error(new Error("The tunnel is full")));
          socket.close(1009, "Too fast");
        }
      });
      socket.addEventListener("close", () => end(() => controller.close()));
      socket.addEventListener(
        "error",
        () => end(() => controller.error(new Error("The tunnel broke"))),
      );
    },
    cancel(): void {
      open = false;
      socket.close();
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING }));
  const writable = new WritableStream<Uint8Array>({
    start: () => opened(socket),
    write: (bytes) => socket.send(bytes as Uint8Array<ArrayBuffer>),
    close: () => socket.close(1000),
    abort: () => socket.close(1011),
  });
  return { readable, writable };
}

/** Those of a Worker's pair are open; others connect. */
async function opened(socket: WebSocket): Promise<void> {
  if (socket.readyState !== WebSocket.CONNECTING) return;
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => reject(new Error("The tunnel doesn't open"));
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", fail);
    socket.addEventListener("close", fail);
  });
}
