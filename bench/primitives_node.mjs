/**
 * The peers that are `node:crypto`, Node's and Deno's.
 *
 *   node bench/primitives_node.mjs [--seconds N] [--only PART_OF_A_NAME]
 *
 * @module
 */
// deno-lint-ignore-file explicit-function-return-type -- no types in JavaScript
import * as crypto from "node:crypto";
import process from "node:process";
import { runPeer } from "./peer.mjs";

const record = new Uint8Array(16384);
const message = crypto.randomBytes(64);
const secret = crypto.randomBytes(32);

const { deno, node, openssl } = process.versions;
const name = deno ? "deno" : "node";
const runtime = deno ? `Deno ${deno}` : `Node ${node}, OpenSSL ${openssl}`;
await runPeer({ name, load: () => ({ runtime, primitive }) });

function primitive(of) {
  const [algorithm, operation] = of.split(" ");
  const step = prepare(algorithm, operation);
  return (times) => {
    while (times-- > 0) step();
  };
}

function prepare(algorithm, operation) {
  if (algorithm.startsWith("AES")) return sealing(algorithm.toLowerCase(), 16);
  if (algorithm.startsWith("ChaCha")) return sealing("chacha20-poly1305", 32);
  if (algorithm.startsWith("SHA")) return hashing(algorithm.replace("-", ""));
  if (algorithm.startsWith("HMAC")) return authenticating();
  if (algorithm.startsWith("ML-KEM")) return encapsulating(operation);
  if (operation === "sign" || operation === "verify") {
    return signing(algorithm, operation);
  }
  return deriving(algorithm);
}

function sealing(cipher, keyBytes) {
  const key = crypto.randomBytes(cipher.includes("256") ? 32 : keyBytes);
  const iv = crypto.randomBytes(12);
  const aad = new Uint8Array(13);
  return () => {
    const sealed = crypto.createCipheriv(cipher, key, iv, {
      authTagLength: 16,
    });
    sealed.setAAD(aad);
    sealed.update(record);
    sealed.final();
    sealed.getAuthTag();
  };
}

function hashing(digest) {
  return () => crypto.createHash(digest).update(record).digest();
}

function authenticating() {
  return () => crypto.createHmac("sha256", secret).update(message).digest();
}

function generated(algorithm) {
  if (algorithm === "RSA-2048") {
    return crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  }
  if (algorithm.startsWith("P-")) {
    return crypto.generateKeyPairSync("ec", { namedCurve: algorithm });
  }
  return crypto.generateKeyPairSync(algorithm.toLowerCase());
}

function signing(algorithm, operation) {
  const { privateKey, publicKey } = generated(algorithm);
  const digests = { Ed25519: null, "P-384": "sha384" };
  const digest = algorithm in digests ? digests[algorithm] : "sha256";
  if (operation === "sign") {
    return () => crypto.sign(digest, message, privateKey);
  }
  const signature = crypto.sign(digest, message, privateKey);
  return () => crypto.verify(digest, message, publicKey, signature);
}

function deriving(algorithm) {
  const { privateKey } = generated(algorithm);
  const { publicKey } = generated(algorithm);
  return () => crypto.diffieHellman({ privateKey, publicKey });
}

/** Node has it from 24.7; where there is no such key, making one throws. */
function encapsulating(operation) {
  const { privateKey, publicKey } = generated("ML-KEM-768");
  if (operation === "keygen") return () => generated("ML-KEM-768");
  if (operation === "encaps") return () => crypto.encapsulate(publicKey);
  const { ciphertext } = crypto.encapsulate(publicKey);
  return () => crypto.decapsulate(privateKey, ciphertext);
}
