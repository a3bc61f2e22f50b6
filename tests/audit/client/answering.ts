import type { TlsTransport } from "@sesame/tls";

/** A server that answers the hello with what `chunks` yields, and then ends or is silent. */
export function answering(
  chunks: () => Iterable<Uint8Array>,
  end: "ends" | "fails" | "is silent" = "ends",
): () => TlsTransport {
  return () => {
    const source = chunks()[Symbol.iterator]();
    const hello = Promise.withResolvers<void>();
    return {
      readable: new ReadableStream({
        async pull(controller): Promise<void> {
          await hello.promise;
          const { done, value } = source.next();
          if (!done) return controller.enqueue(value);
          if (end === "ends") controller.close();
          if (end === "fails") controller.error(new Error("reset"));
        },
      }, { highWaterMark: 0 }),
      writable: new WritableStream({
        write: () => hello.resolve(),
      }),
    };
  };
}
