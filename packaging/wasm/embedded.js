// Deno, browsers and bundles: no file to find, no permission to ask for.
import { GZIPPED } from "./openssl_gzipped.js";

const gzipped = new Response(decode(GZIPPED));
const bytes = gzipped.body.pipeThrough(new DecompressionStream("gzip"));

export const module = await WebAssembly.compile(
  await new Response(bytes).arrayBuffer(),
);

function decode(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  // Ten times as fast as Uint8Array.from.
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
