/* Private keys in files: see key_files.c. What is declared here leaves the module. */
#include <openssl/bio.h>
#include <openssl/evp.h>

/* PEM_read_bio_PrivateKey() with an empty password, which it takes from a callback only. */
EVP_PKEY *sesame_read_key(BIO *in);
