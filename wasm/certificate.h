/* What a certificate says, for node:tls: see certificate.c. What is declared here leaves the module. */
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/*
 * The fields of a certificate. Each is written as a number, the length of its bytes in four bytes,
 * and these bytes. The order is that of FIELDS in src/libssl/certificate.ts.
 */
enum sesame_field {
    SUBJECT_NAME, SUBJECT_VALUE, ISSUER_NAME, ISSUER_VALUE,
    HAS_ALT_NAMES, ALT_NAME, ACCESS_METHOD, ACCESS_LOCATION,
    IS_CA, MODULUS, EXPONENT, BITS, PUBLIC_KEY, CURVE, NIST_CURVE,
    VALID_FROM, VALID_TO, SHA1_DIGEST, SHA256_DIGEST, SHA512_DIGEST, KEY_PURPOSE, SERIAL_NUMBER
};

/* Writes the fields of a certificate: 1, or 0 without memory. */
int sesame_certificate(const X509 *x, BIO *out);

/* PEM_read_bio_PrivateKey() with an empty password, which it takes from a callback only. */
EVP_PKEY *sesame_read_key(BIO *in);
