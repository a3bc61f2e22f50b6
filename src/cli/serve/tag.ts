import type { TlsPeersInfo } from "../../tls/peer/connection_info.ts";

const MAX_TAG_BYTES = 256;

/** What sessions are tagged with: the server name, the client's certificate or address. */
export type TagKind = "sni" | "subject" | "address";

/** A function for the option `tag` of a context: what connections have in common. */
export function tagOf(
  kind: TagKind,
): (socket: TlsPeersInfo) => string | undefined {
  return (socket) => {
    const tag = valueOf(kind, socket)?.toWellFormed();
    return tag ? cut(tag) : undefined;
  };
}

function valueOf(kind: TagKind, socket: TlsPeersInfo): string | undefined {
  switch (kind) {
    case "sni":
      return socket.serverName ?? undefined;
    case "subject":
      return socket.peerCertificate?.subject;
    case "address":
      return socket.remoteAddress?.replace(/:\d+$/, "")
        .replace(/^\[(.*)\]$/, "$1");
  }
}

/** As much of a tag as a store takes: two that are alike so far are revoked together. */
function cut(tag: string): string {
  const room = new Uint8Array(MAX_TAG_BYTES);
  return tag.slice(0, new TextEncoder().encodeInto(tag, room).read);
}
