# For build.sh: our WebAssembly kernels, and how they come under OpenSSL's own hooks, unpatched. A
# kernel has the name of an assembly routine that OpenSSL knows of. A source of OpenSSL's that asks
# for it only under a define is compiled once more with that define. Both are linked before the
# libraries, which then have nothing left to give under those names.

INPUTS+=(wasm/build/kernels.sh wasm/check_kernels.py
  wasm/kernels/{aes,aes_ctr,chacha20,copy,ghash,inverse,mod_exp,mod_exp_bn,montgomery,p256,p384,p384_inverse,poly1305,sha256,sha512,testing,testing_public_keys,tls_kdf,x25519}.c
  wasm/kernels/{curve_bignum,curve_field,curve_method,curve_multiply,curve_point,inverse,limbs,loaded,mod_exp,montgomery,p256_field,p384_field,testing,tls_kdf,x25519_base,x25519_field}.h
  wasm/kernels/{curve,x25519}_table.py)
KERNELS=(aes aes_ctr chacha20 copy ghash inverse mod_exp mod_exp_bn montgomery p256 p384 p384_inverse poly1305 sha256 sha512 tls_kdf x25519)
TLS_KDF=EVP_KDF_CTX_free=tls_kdf_ctx_free,EVP_KDF_CTX_new=tls_kdf_ctx_new,EVP_KDF_fetch=tls_kdf_fetch,EVP_KDF_free=tls_kdf_free
BINDER=EVP_PKEY_new_raw_private_key_ex=tls13_binder_key,EVP_DigestSignInit_ex=tls13_binder_start,EVP_DigestSignUpdate=tls13_binder_update,EVP_DigestSignFinal=tls13_binder_finish,EVP_PKEY_free=tls13_binder_key_free
HOOKS=(
  AES_CTR_ASM:providers/implementations/ciphers/cipher_aes_gcm_hw
  AES_CTR_ASM:providers/implementations/ciphers/cipher_aes_hw
  GHASH_ASM:crypto/modes/gcm128
  POLY1305_ASM:crypto/poly1305/poly1305
  # OpenSSL's C code for 64-bit machines: it takes WebAssembly for one that lacks their rotations. 2.1 times as fast.
  __ia64,KECCAK_INPLACE:crypto/sha/keccak1600
  SHA256_ASM:crypto/sha/sha256
  SHA512_ASM:crypto/sha/sha512
  ossl_x25519=unused_x25519,ossl_x25519_public_from_private=unused_public_from_private:crypto/ec/curve25519
  "$TLS_KDF,EVP_KDF_derive=tls12_derive:ssl/t1_enc"
  "$TLS_KDF,EVP_KDF_derive=tls13_derive,EVP_Q_mac=tls13_mac:ssl/tls13_enc"
  "$BINDER:ssl/statem/extensions"
)
# The functions of OpenSSL that kernels stand before, in wasm/kernels/mod_exp_bn.c.
WRAPPED_BY_KERNELS=(BN_mod_exp_mont BN_mod_exp_mont_consttime_x2)
# What must run in constant time, under the names that the linker gave it.
CONSTANT_TIME=(AES_ctr32_encrypt AES_decrypt AES_encrypt AES_set_encrypt_key ChaCha20_ctr32 Poly1305_Init
  gcm_ghash_4bit gcm_gmult_4bit gcm_init_4bit invert_384_bits invert_words mod_exp_secret ossl_x25519 ossl_x25519_public_from_private
  p256_affine p256_multiply_base p256_multiply_point p256_reduce
  p384_affine p384_multiply_base p384_multiply_point p384_reduce poly1305_blocks poly1305_emit
  sha256_block_data_order sha512_block_data_order)
OF_OPENSSL=(-O2 -include ../wasm/pipelines.h -DOPENSSL_BUILDING_OPENSSL -DNDEBUG -I. -Iinclude -Iproviders/common/include
  "-I../openssl-$VERSION" "-I../openssl-$VERSION/crypto" "-I../openssl-$VERSION/include"
  "-I../openssl-$VERSION/providers/common/include" "-I../openssl-$VERSION/providers/implementations/include")

# Compiles the kernels and OpenSSL's sources with hooks, and names the objects in $linked_first.
compile_kernels() {
  local name hook defines
  linked_first+=("${WRAPPED_BY_KERNELS[@]/#/-Wl,--wrap=}")
  quiet "Making tables" run wasm sh -ec 'python3 curve_table.py p256 >p256_table.h
    python3 curve_table.py p384 >p384_table.h
    python3 x25519_table.py >x25519_table.h'
  for name in "${KERNELS[@]}"; do
    quiet "Compiling $name.c" run build emcc "${COMPILE[@]}" -msimd128 -c "../wasm/$name.c" -o "kernel-$name.o"
    linked_first+=("kernel-$name.o")
  done
  for hook in "${HOOKS[@]}"; do
    IFS=, read -ra defines <<<"${hook%%:*}"
    name=hook-${hook##*/}.o
    quiet "Compiling ${hook#*:}.c" run build emcc "${OF_OPENSSL[@]}" "${defines[@]/#/-D}" \
      -c "../openssl-$VERSION/${hook#*:}.c" -o "$name"
    linked_first+=("$name")
  done
}

check_kernels() {
  disassemble openssl
  quiet "Checking that kernels run in constant time" run out \
    python3 ../wasm/check_kernels.py openssl.wat openssl.wasm.symbols "${CONSTANT_TIME[@]}"
}

disassemble() {
  quiet "Disassembling (wasm-dis is Binaryen's, which Emscripten uses)" run out \
    sh -c 'PATH=$(em-config BINARYEN_ROOT)/bin:$PATH exec wasm-dis --all-features "$1.wasm" -o "$1.wat"' sh "$1"
}

# OpenSSL's C code for what the kernels do, by the names that they share.
REFERENCES=(
  "crypto/aes/aes_core AES_decrypt AES_encrypt AES_set_decrypt_key AES_set_encrypt_key"
  "crypto/chacha/chacha_enc ChaCha20_ctr32"
  "crypto/ec/curve25519 ossl_ed25519_public_from_private ossl_ed25519_pubkey_verify ossl_ed25519_sign ossl_ed25519_verify
    ossl_x25519 ossl_x25519_public_from_private"
  "crypto/ec/ecp_nistp256 EC_GFp_nistp256_method EC_nistp256_pre_comp_dup EC_nistp256_pre_comp_free"
  "crypto/ec/ecp_nistp384 ossl_ec_GFp_nistp384_method ossl_ec_nistp384_pre_comp_dup ossl_ec_nistp384_pre_comp_free"
  "crypto/modes/gcm128 CRYPTO_gcm128_aad CRYPTO_gcm128_decrypt CRYPTO_gcm128_decrypt_ctr32 CRYPTO_gcm128_encrypt
    CRYPTO_gcm128_encrypt_ctr32 CRYPTO_gcm128_finish CRYPTO_gcm128_init CRYPTO_gcm128_new CRYPTO_gcm128_release
    CRYPTO_gcm128_setiv CRYPTO_gcm128_tag ossl_gcm_ghash_4bit ossl_gcm_gmult_4bit ossl_gcm_init_4bit"
  "crypto/poly1305/poly1305 Poly1305_Final Poly1305_Init Poly1305_Update Poly1305_ctx_size"
  "crypto/sha/sha256 SHA224_Final SHA224_Init SHA224_Update SHA256_Final SHA256_Init SHA256_Transform SHA256_Update
    ossl_sha256_192_init"
  "crypto/sha/sha512 SHA384_Final SHA384_Init SHA384_Update SHA512_Final SHA512_Init SHA512_Transform SHA512_Update
    sha512_224_init sha512_256_init"
)

# Leaves in a folder what tests/kernels needs: the kernels and the C code in one module, and OpenSSL's test vectors.
test_kernels() {
  local folder reference name names renamed objects=(testing.o testing_public_keys.o host.o fill.o)
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
  make_archives
  step "Compiling the kernels and what they are compared with"
  compile_kernels
  for name in testing testing_public_keys host fill; do
    quiet "Compiling $name.c" run build emcc "${COMPILE[@]}" -c "../wasm/$name.c" -o "$name.o"
  done
  for reference in "${REFERENCES[@]}"; do
    read -r -d '' -a names <<<"$reference" || true
    name=reference-${names[0]##*/}.o
    mapfile -t renamed < <(printf '%s\n' "${names[@]:1}" | sed 's/.*/-D&=reference_&/')
    quiet "Compiling ${names[0]}.c" run build emcc "${OF_OPENSSL[@]}" "${renamed[@]}" \
      -c "../openssl-$VERSION/${names[0]}.c" -o "$name"
    objects+=("$name")
  done
  quiet "Linking" run build emcc "${LINK[@]}" --emit-symbol-map "${linked_first[@]}" "${objects[@]}" libcrypto.a \
    -o ../out/kernels.wasm
  disassemble kernels
  cp "$work"/out/kernels.* "$work/openssl-$VERSION"/test/recipes/30-test_evp_data/evp{ciph_aes_*,ciph_chacha,mac_poly1305,pkey_ecdh,pkey_ecdsa}.txt \
    "$work/openssl-$VERSION/test/recipes/10-test_bn_data/bnmod.txt" "$folder/"
  step "Done: $folder"
}
