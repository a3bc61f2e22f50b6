import { OpenSSL } from "../../src/libssl/mod.ts";
import { made } from "./pair.ts";

/** A private key in PEM, encrypted by a passphrase. */
export function encryptedKey(pem: string, passphrase: string): string {
  const { libssl } = OpenSSL.default;
  const input = made(libssl.BIO_new_mem_buf(new TextEncoder().encode(pem)));
  const output = made(libssl.BIO_new_mem());
  const key = made(libssl.PEM_read_bio_PrivateKey(input));
  try {
    libssl.PEM_write_bio_PKCS8PrivateKey(output, key, passphrase);
    const text = new Uint8Array(16384);
    return new TextDecoder().decode(
      text.subarray(0, libssl.BIO_read(output, text)),
    );
  } finally {
    libssl.EVP_PKEY_free(key);
    libssl.BIO_free(input);
    libssl.BIO_free(output);
  }
}
