// @ts-self-types="./primitives.d.mts"
// deno-lint-ignore-file explicit-function-return-type -- primitives.d.mts has the types

const RECORD_BYTES = 16384;

const bulk = ["AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"]
  .concat("SHA-256", "SHA-384", "SHA-512");

const operations = ["P-256", "P-384"]
  .flatMap((curve) => [`${curve} sign`, `${curve} verify`, `${curve} ECDH`])
  .concat("RSA-2048 sign", "RSA-2048 verify")
  .concat("X25519", "Ed25519 sign", "Ed25519 verify")
  .concat("ML-KEM-768 keygen", "ML-KEM-768 encaps", "ML-KEM-768 decaps");

export const primitives = [
  ...bulk.map((primitive) => of(primitive, { bytes: RECORD_BYTES, batch: 4 })),
  of("HMAC-SHA-256", { bytes: 0, batch: 64 }),
  ...operations.map((primitive) => of(primitive, { bytes: 0, batch: 1 })),
];

function of(primitive, size) {
  return { metric: "primitives", primitive, ...size };
}
