/**
 * The peer that is Node's `tls`, over in-memory streams.
 *
 *   node --expose-gc bench/node_tls.mjs --certificates DIR [--seconds N] [--only PART_OF_A_NAME]
 *
 * @module
 */
import { runPeer } from "./peer.mjs";

await runPeer({
  name: "node",
  load: async ({ certificates }) => {
    if (!certificates) throw new Error("--certificates is missing");
    const { nodeTls } = await import("./node_tls_pair.mjs");
    return nodeTls(certificates);
  },
  // Node asks its external store in TLS 1.2 only.
  remark: (m) =>
    m.version === "TLSv1.3" && m.resumed && m.tickets === undefined
      ? "stateless tickets"
      : undefined,
});
