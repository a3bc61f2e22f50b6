/**
 * The peer that is primitives.c in WebAssembly, over OpenSSL with kernels or without.
 *
 *   deno run --allow-all bench/primitives_sesame.mjs --subject primitives.wasm [--seconds N] [--only PART_OF_A_NAME]
 *
 * @module
 */
import { BenchModule } from "./bench_module.ts";
import { runPeer } from "./peer.mjs";

await runPeer({
  name: "sesame",
  load: async ({ subject }) => {
    const bench = await BenchModule.load(subject);
    return {
      runtime: navigator.userAgent,
      primitive: (of) => bench.primitive(of),
    };
  },
});
