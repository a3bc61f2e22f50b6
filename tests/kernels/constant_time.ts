/** wasm/check_kernels.py, which every build runs, finds what it is there for. */
import { fileURLToPath } from "node:url";
import type { Check } from "./kernels.ts";

const SCRIPT = fileURLToPath(
  new URL("../../wasm/check_kernels.py", import.meta.url),
);

export const CONSTANT_TIME_CHECKS: Record<string, Check> = {
  "The check of the text passes the kernels": async (_, folder) => {
    const names = [
      "AES_ctr32_encrypt",
      "AES_encrypt",
      "ChaCha20_ctr32",
      "gcm_ghash_4bit",
      "invert_384_bits",
      "invert_words",
      "ossl_x25519",
      "ossl_x25519_public_from_private",
      "mod_exp_secret",
      "p256_affine",
      "p256_multiply_base",
      "p256_multiply_point",
      "p256_reduce",
      "p384_affine",
      "p384_multiply_base",
      "p384_multiply_point",
      "p384_reduce",
      "poly1305_blocks",
      "sha256_block_data_order",
      "sha512_block_data_order",
    ];
    const faults = await check(folder, names);
    if (faults !== "") throw new Error(faults);
  },
  "The check of the text finds the tables of OpenSSL's C code": async (
    _,
    folder,
  ) => {
    const symbols = await Deno.readTextFile(`${folder}/kernels.wasm.symbols`);
    // The linker numbers the second of a name.
    const ghash = symbols.match(/gcm_ghash_4bit_\d+/)?.[0] ?? "none";
    for (
      const name of [
        "reference_AES_encrypt",
        "reference_AES_set_encrypt_key",
        ghash,
      ]
    ) {
      const faults = await check(folder, [name]);
      if (
        !faults.includes(`${name}: `) || !faults.includes("at a secret address")
      ) {
        throw new Error(`Of ${name} it says: ${faults}`);
      }
    }
  },
};

async function check(folder: string, names: string[]): Promise<string> {
  const files = [`${folder}/kernels.wat`, `${folder}/kernels.wasm.symbols`];
  const { stderr } = await new Deno.Command("python3", {
    args: [SCRIPT, ...files, ...names],
  }).output();
  return new TextDecoder().decode(stderr);
}
