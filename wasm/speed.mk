# The objects that are not compiled for size: those in which handshakes and records spend
# their time. As measured, -O3 gives no speed over -O2, the other elliptic curves are faster
# with -Os, and SIMD helps none but ML-KEM (ChaCha20 loses a third by it).

FAST = aes bn chacha des evp hmac lhash md5 modes poly1305 property sha

ssl/%.o providers/%.o $(FAST:%=crypto/%/%.o): CFLAGS += -O2
crypto/ec/%curve25519.o crypto/ec/%ecp_nistp384.o: CFLAGS += -O2
crypto/ml_kem/%.o: CFLAGS += -O3 -msimd128

# wasm/ is beside the folder where this runs.
ssl/%.o: CFLAGS += -include ../wasm/pipelines.h
