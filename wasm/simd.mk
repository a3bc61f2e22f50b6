# Objects that are faster with SIMD; measured file by file, since others lose (ChaCha20 a third).
crypto/ml_kem/libcrypto-lib-ml_kem.o: CFLAGS += -msimd128
