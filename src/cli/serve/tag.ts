import type { TlsPeersInfo } from "../../../mod.ts";

const MAX_TAG_BYTES = 256;

/** What sessions are tagged with: the server name, the client certificate, or the client's address. */
export type TagKind = "sni" | "subject" | "address";

/** The option `tag` of a context. */
export function tagOption(
  kind: TagKind,
): (info: TlsPeersInfo) => string | undefined {
  return (info) => {
    const tag = valueOf(kind, info)?.toWellFormed();
    return tag ? truncate(tag) : undefined;
  };
}

function valueOf(kind: TagKind, info: TlsPeersInfo): string | undefined {
  switch (kind) {
    case "sni":
      return info.serverName ?? undefined;
    case "subject":
      return info.peerCertificate?.subject;
    case "address":
      return info.remoteAddress?.replace(/:\d+$/, "")
        .replace(/^\[(.*)\]$/, "$1");
  }
}

/** The longest beginning that a store accepts. Tags with the same beginning are revoked together. */
function truncate(tag: string): string {
  const buffer = new Uint8Array(MAX_TAG_BYTES);
  return tag.slice(0, new TextEncoder().encodeInto(tag, buffer).read);
}
