import type { BIO } from "../../src/libssl/mod.ts";
import { makeChain } from "./chain.ts";
import { made } from "./pair.ts";
import { Peers } from "./peers.ts";

/**
 * A certificate below a root, in PEM with its chain: Deno takes none that is its own root
 * and says so, as those of `createTestCertificate` do.
 */
export function leafOf(
  host: string,
): { root: string; cert: string; key: string } {
  using peers = new Peers({ clock: Date.now });
  peers.nowMs = Date.now();
  const { libssl } = peers;
  const { root, intermediate, leaf } = makeChain(peers, host);
  const pem = (write: (bio: BIO) => number): string => {
    const bio = made(libssl.BIO_new_mem());
    write(bio);
    const bytes = new Uint8Array(libssl.BIO_ctrl_pending(bio));
    libssl.BIO_read(bio, bytes);
    libssl.BIO_free(bio);
    return new TextDecoder().decode(bytes);
  };
  const [ca, ...chain] = [root, leaf, intermediate].map(({ cert }) =>
    pem((bio) => libssl.PEM_write_bio_X509(bio, cert))
  );
  return {
    root: ca ?? "",
    cert: chain.join(""),
    key: pem((bio) => libssl.PEM_write_bio_PKCS8PrivateKey(bio, leaf.key)),
  };
}
