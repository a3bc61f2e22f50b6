/* How the fields of a certificate are written. Each function returns 1, or 0 without memory. */
#include <openssl/bio.h>
#include <openssl/x509v3.h>

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

int sesame_put(BIO *out, enum sesame_field field, const void *bytes, int length);

/* Writes nothing if there is no text. */
int sesame_put_text(BIO *out, enum sesame_field field, const char *text);

/* Writes an object identifier in digits. */
int sesame_put_oid(BIO *out, enum sesame_field field, const ASN1_OBJECT *object);

/* Writes what was printed to `from`, which is freed, unless that failed. */
int sesame_put_printed(BIO *out, enum sesame_field field, BIO *from, int printed);

/* Writes each attribute of a name: its type, and its value in UTF-8. */
int sesame_put_name(BIO *out, enum sesame_field type, enum sesame_field value, const X509_NAME *name);

/* Writes a letter for the type of a name, and the name: see KINDS in src/node/peer/alt_name.ts. */
int sesame_put_general_name(BIO *out, enum sesame_field field, const GENERAL_NAME *name);
