/**
 * The peer that is Sesame: OpenSSL's functions as `openssl.libssl` has them.
 *
 *   deno run --allow-all --v8-flags=--expose-gc bench/sesame.ts --certificates DIR
 *     [--seconds N] [--only PART_OF_A_NAME]
 *
 * @module
 */
import { runPeer } from "./peer.mjs";

await runPeer({
  name: "sesame",
  load: async ({ certificates }) => {
    if (!certificates) throw new Error("--certificates is missing");
    const { Sesame } = await import("./sesame_pair.ts");
    return new Sesame(certificates);
  },
});
