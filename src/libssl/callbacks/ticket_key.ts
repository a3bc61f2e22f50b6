import type { Ffi } from "../../ffi/ffi.ts";
import { offset } from "../../ffi/pointers.ts";
import { type Address, NULL, type Ptr } from "../../ffi/pointers.ts";
import { bytes, record } from "../arguments.ts";
import { FunctionGroup } from "../function_group.ts";
import type { SSL, SSL_CTX } from "../handles.ts";

const KEY_NAME_BYTES = 16;
const IV_BYTES = 16;
const AES_KEY_BYTES = [16, 32];
const OSSL_PARAM_WORDS = 5;
const OSSL_PARAM_UTF8_STRING = 4;

/** The keys that protect stateless tickets (RFC 5077, section 4). */
export interface TicketKey {
  /** The name of the key in every ticket, 16 bytes. */
  readonly name: Uint8Array;
  /** The key of HMAC-SHA256. */
  readonly hmacKey: Uint8Array;
  /** The key of AES-CBC: 32 bytes, or 16 for AES-128. */
  readonly aesKey: Uint8Array;
}

/**
 * Called for the key of a ticket by its name, or with `null` for the key of a new ticket. With
 * `renew`, the client gets a new ticket. If it returns `null`, there is no key, and the
 * connection continues without that ticket; if it throws, the connection fails.
 */
export type TicketKeyCallback = (
  ssl: SSL,
  name: Uint8Array | null,
) => { key: TicketKey; renew: boolean } | null;

/** The callback for the keys of stateless tickets (SSL_CTX_set_tlsext_ticket_key_cb(3)). */
export class TicketKeyFunctions extends FunctionGroup {
  /** Creates the functions of this group for one instance. */
  constructor(ffi: Ffi) {
    super(ffi);
    ffi.implement("ticket_key", (ssl, name, iv, cipher, mac, isNew) => {
      // OpenSSL's tickets are those of the context that a connection was made from.
      const answer = this.callbackOf<TicketKeyCallback>(
        this.initialContext(ssl),
        "ticket_key",
      )?.(
        this.passed("SSL", ssl),
        isNew ? null : this.memory.read(name, KEY_NAME_BYTES),
      );
      if (!answer) return 0;
      const { key: given, renew } = answer;
      const key = checked(given);
      if (isNew) {
        if (this.c.RAND_bytes(iv, IV_BYTES) !== 1) return -1;
        this.memory.write(name, key.name);
      }
      const isSet = this.#setMac(mac, key.hmacKey) &&
        this.#setCipher(cipher, key.aesKey, iv, isNew === 1);
      if (!isSet) return -1;
      return renew ? 2 : 1;
    });
  }

  /** Sets the callback for the keys of stateless tickets; `null` removes it. Returns 1. */
  SSL_CTX_set_tlsext_ticket_key_evp_cb(
    ctx: SSL_CTX,
    cb: TicketKeyCallback | null,
  ): number {
    this.setCallback(ctx, "ticket_key", cb, (trampoline) => {
      this.c.SSL_CTX_set_tlsext_ticket_key_evp_cb(
        this.ptr(ctx, "SSL_CTX"),
        trampoline,
      );
    });
    return 1;
  }

  #setMac(mac: Ptr<"EVP_MAC_CTX">, key: Uint8Array): boolean {
    return this.memory.withString(
      "digest",
      (name) =>
        this.memory.withString("SHA256", (value) =>
          // An OSSL_PARAM of the digest's name, and the empty one that ends the list.
          this.memory.withWords(2 * OSSL_PARAM_WORDS, (params) => {
            this.memory.writeWord(params, name);
            this.memory.writeWord(offset(params, 4), OSSL_PARAM_UTF8_STRING);
            this.memory.writeWord(offset(params, 8), value);
            this.memory.writeWord(offset(params, 12), "SHA256".length);
            const list = params as number as Ptr<"OSSL_PARAM">;
            return this.memory.withBytes(
              key,
              (data, length) =>
                this.c.EVP_MAC_init(mac, data, length, list) === 1,
            );
          })),
    );
  }

  #setCipher(
    cipher: Ptr<"EVP_CIPHER_CTX">,
    key: Uint8Array,
    iv: Address,
    encrypts: boolean,
  ): boolean {
    const init = encrypts
      ? this.c.EVP_EncryptInit_ex
      : this.c.EVP_DecryptInit_ex;
    const aes = key.length === 32
      ? this.c.EVP_aes_256_cbc()
      : this.c.EVP_aes_128_cbc();
    return this.memory.withBytes(
      key,
      (data) => init(cipher, aes, NULL, data, iv) === 1,
    );
  }
}

/** The key with plain views of its parts, which have the right lengths. */
function checked(key: TicketKey): TicketKey {
  const { name, hmacKey, aesKey } = record(key, "key");
  return {
    name: oneOf([KEY_NAME_BYTES], name, "name"),
    hmacKey: bytes(hmacKey, "hmacKey"),
    aesKey: oneOf(AES_KEY_BYTES, aesKey, "aesKey"),
  };
}

function oneOf(
  lengths: readonly number[],
  data: Uint8Array,
  name: string,
): Uint8Array {
  const view = bytes(data, name);
  if (lengths.includes(view.length)) return view;
  throw new RangeError(
    `${name} must be ${lengths.join(" or ")} bytes, received ${view.length}`,
  );
}
