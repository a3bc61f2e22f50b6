/**
 * The peers from npm, in JavaScript and in WebAssembly; each runs what it is the fastest of them at.
 *
 *   deno run --allow-all bench/primitives_npm.mjs --subject PACKAGE [--seconds N] [--only PART_OF_A_NAME]
 *
 * @module
 */
// deno-lint-ignore-file explicit-function-return-type -- no types in JavaScript
import { runPeer } from "./peer.mjs";

const record = new Uint8Array(16384);
const aad = new Uint8Array(13);
const message = random(64);
const secret = random(32);
const iv = random(12);

const packages = {
  noble: {
    runtime:
      "@noble/ciphers 2.4, @noble/curves 2.4, @noble/hashes 2.4, @noble/post-quantum 0.7",
    prepare: noble,
  },
  libsodium: { runtime: "libsodium-wrappers-sumo 0.8", prepare: libsodium },
  liboqs: { runtime: "@oqs/liboqs-js 0.15", prepare: liboqs },
  "hash-wasm": { runtime: "hash-wasm 4.13", prepare: hashWasm },
  "rsa.wasm": { runtime: "@hazae41/rsa.wasm 1.0", prepare: rsaWasm },
};

await runPeer({
  name: "npm",
  load: ({ subject }) => {
    const { runtime, prepare } = packages[subject];
    return {
      runtime,
      primitive: async (of) => {
        const step = await prepare(of);
        return step && ((times) => {
          while (times-- > 0) step();
        });
      },
    };
  },
});

function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

async function noble(of) {
  const [algorithm, operation] = of.split(" ");
  switch (algorithm) {
    case "AES-128-GCM":
    case "AES-256-GCM": {
      const { gcm } = await import("@noble/ciphers/aes.js");
      const key = secret.subarray(0, algorithm === "AES-128-GCM" ? 16 : 32);
      return () => gcm(key, iv, aad).encrypt(record);
    }
    case "ChaCha20-Poly1305": {
      const { chacha20poly1305 } = await import("@noble/ciphers/chacha.js");
      return () => chacha20poly1305(secret, iv, aad).encrypt(record);
    }
    case "SHA-256":
    case "SHA-384":
    case "SHA-512": {
      const hashes = await import("@noble/hashes/sha2.js");
      const hash = hashes[algorithm.toLowerCase().replace("-", "")];
      return () => hash(record);
    }
    case "HMAC-SHA-256": {
      const { sha256 } = await import("@noble/hashes/sha2.js");
      const { hmac } = await import("@noble/hashes/hmac.js");
      return () => hmac(sha256, secret, message);
    }
    case "P-256":
    case "P-384": {
      const { p256, p384 } = await import("@noble/curves/nist.js");
      return onCurve(algorithm === "P-256" ? p256 : p384, operation);
    }
    case "X25519":
    case "Ed25519": {
      const { x25519, ed25519 } = await import("@noble/curves/ed25519.js");
      return onCurve(algorithm === "X25519" ? x25519 : ed25519, operation);
    }
    case "ML-KEM-768": {
      const { ml_kem768 } = await import("@noble/post-quantum/ml-kem.js");
      const { publicKey, secretKey } = ml_kem768.keygen();
      const { cipherText } = ml_kem768.encapsulate(publicKey);
      return {
        keygen: () => ml_kem768.keygen(),
        encaps: () => ml_kem768.encapsulate(publicKey),
        decaps: () => ml_kem768.decapsulate(cipherText, secretKey),
      }[operation];
    }
  }
}

function onCurve(curve, operation) {
  const key = curve.utils.randomSecretKey();
  const publicKey = curve.getPublicKey(key);
  if (operation === "sign") return () => curve.sign(message, key);
  if (operation === "verify") {
    const signature = curve.sign(message, key);
    return () => curve.verify(signature, message, publicKey);
  }
  return () => curve.getSharedSecret(key, publicKey);
}

async function libsodium(of) {
  const { default: sodium } = await import("libsodium-wrappers-sumo");
  await sodium.ready;
  const kem = sodium.crypto_kem_mlkem768_keypair();
  const pair = sodium.crypto_sign_keypair();
  const point = sodium.crypto_scalarmult_base(secret);
  const { ciphertext } = sodium.crypto_kem_mlkem768_enc(kem.publicKey);
  const signature = sodium.crypto_sign_detached(message, pair.privateKey);
  const seal = sodium.crypto_aead_chacha20poly1305_ietf_encrypt;
  const verify = sodium.crypto_sign_verify_detached;
  return {
    "ChaCha20-Poly1305": () => seal(record, aad, null, iv, secret),
    "SHA-256": () => sodium.crypto_hash_sha256(record),
    "SHA-512": () => sodium.crypto_hash_sha512(record),
    "HMAC-SHA-256": () => sodium.crypto_auth_hmacsha256(message, secret),
    X25519: () => sodium.crypto_scalarmult(secret, point),
    "Ed25519 sign": () => sodium.crypto_sign_detached(message, pair.privateKey),
    "Ed25519 verify": () => verify(signature, message, pair.publicKey),
    "ML-KEM-768 keygen": () => sodium.crypto_kem_mlkem768_keypair(),
    "ML-KEM-768 encaps": () => sodium.crypto_kem_mlkem768_enc(kem.publicKey),
    "ML-KEM-768 decaps": () =>
      sodium.crypto_kem_mlkem768_dec(ciphertext, kem.privateKey),
  }[of];
}

async function liboqs(of) {
  const [algorithm, operation] = of.split(" ");
  if (algorithm !== "ML-KEM-768") return undefined;
  const { createMLKEM768 } = await import("@oqs/liboqs-js");
  const kem = await createMLKEM768();
  const { publicKey, secretKey } = kem.generateKeyPair();
  const { ciphertext } = kem.encapsulate(publicKey);
  return {
    keygen: () => kem.generateKeyPair(),
    encaps: () => kem.encapsulate(publicKey),
    decaps: () => kem.decapsulate(ciphertext, secretKey),
  }[operation];
}

async function hashWasm(of) {
  const { createSHA256, createSHA384, createSHA512 } = await import(
    "hash-wasm"
  );
  const create = {
    "SHA-256": createSHA256,
    "SHA-384": createSHA384,
    "SHA-512": createSHA512,
  }[of];
  const hash = await create?.();
  return hash && (() => hash.init().update(record).digest("binary"));
}

async function rsaWasm(of) {
  if (!of.startsWith("RSA")) return undefined;
  const { RsaWasm } = await import("@hazae41/rsa.wasm");
  await RsaWasm.initBundled();
  const key = new RsaWasm.RsaPrivateKey(2048);
  const publicKey = key.to_public_key();
  const digest = () => new RsaWasm.Memory(new Uint8Array(32));
  const signature = key.sign_pkcs1v15_unprefixed(digest()).bytes.slice();
  if (of === "RSA-2048 sign") {
    return () => key.sign_pkcs1v15_unprefixed(digest());
  }
  return () => {
    const copy = new RsaWasm.Memory(signature);
    publicKey.verify_pkcs1v15_unprefixed(digest(), copy);
  };
}
