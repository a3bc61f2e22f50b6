/* What a certificate says, for node:tls: see certificate.c. What is declared here leaves the module. */
#include <openssl/bio.h>
#include <openssl/x509.h>

/* Writes the fields of a certificate: 1, or 0 without memory. */
int sesame_certificate(const X509 *x, BIO *out);
