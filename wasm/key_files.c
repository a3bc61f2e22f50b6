/*
 * Private keys in files, and how much work a password costs. A file with an encrypted key says
 * itself how often its password is hashed, up to 2^31 times: hours in which nothing else of the
 * program runs. Here a file that asks for more than MAX_ITERATIONS, or as much work by scrypt, is
 * refused: "unsupported number of rounds". Both functions by which OpenSSL begins such work are
 * wrapped at link time.
 */
#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/evperr.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include "key_files.h"

/* Some seconds of PBKDF2: a million took 4.6 s on a busy machine. OpenSSL writes 2048, OWASP advises up to 1,300,000 (2023). */
#define MAX_ITERATIONS 1500000
/* Of scrypt, in blocks of 128 bytes that are mixed: RFC 7914 advises 2^14 * 8 at most. */
#define MAX_SCRYPT_BLOCKS (1 << 21)

int __real_EVP_PBE_CipherInit_ex(ASN1_OBJECT *algorithm, const char *pass, int passlen,
                                 ASN1_TYPE *param, EVP_CIPHER_CTX *ctx, int enc,
                                 OSSL_LIB_CTX *libctx, const char *propq);
int __wrap_EVP_PBE_CipherInit_ex(ASN1_OBJECT *algorithm, const char *pass, int passlen,
                                 ASN1_TYPE *param, EVP_CIPHER_CTX *ctx, int enc,
                                 OSSL_LIB_CTX *libctx, const char *propq);
int __real_PKCS12_verify_mac(PKCS12 *p12, const char *pass, int passlen);
int __wrap_PKCS12_verify_mac(PKCS12 *p12, const char *pass, int passlen);

/* A number that a file has left out counts as one. One that doesn't fit is above any limit. */
static int is_within(const ASN1_INTEGER *number, uint64_t limit)
{
    uint64_t value;

    return number == NULL || (ASN1_INTEGER_get_uint64(&value, number) && value <= limit);
}

static int allows_pbkdf2(const ASN1_TYPE *param)
{
    PBKDF2PARAM *kdf = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), param);
    int allowed = kdf == NULL || is_within(kdf->iter, MAX_ITERATIONS);

    PBKDF2PARAM_free(kdf);
    return allowed;
}

static int allows_scrypt(const ASN1_TYPE *param)
{
    SCRYPT_PARAMS *kdf = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), param);
    uint64_t n, r, p;
    int allowed = kdf == NULL
        || (is_within(kdf->costParameter, MAX_SCRYPT_BLOCKS)
            && is_within(kdf->blockSize, MAX_SCRYPT_BLOCKS)
            && is_within(kdf->parallelizationParameter, MAX_SCRYPT_BLOCKS)
            && ASN1_INTEGER_get_uint64(&n, kdf->costParameter)
            && ASN1_INTEGER_get_uint64(&r, kdf->blockSize)
            && ASN1_INTEGER_get_uint64(&p, kdf->parallelizationParameter)
            && n * r <= MAX_SCRYPT_BLOCKS && n * r * p <= MAX_SCRYPT_BLOCKS);

    SCRYPT_PARAMS_free(kdf);
    return allowed;
}

static int allows_kdf(const X509_ALGOR *kdf)
{
    switch (OBJ_obj2nid(kdf->algorithm)) {
    case NID_id_pbkdf2:
        return allows_pbkdf2(kdf->parameter);
    case NID_id_scrypt:
        return allows_scrypt(kdf->parameter);
    default:
        return 1;
    }
}

/* PBES2 (RFC 8018, 6.2) names its function; the others hash by a count of their own. */
static int allows_encryption(const ASN1_OBJECT *algorithm, const ASN1_TYPE *param)
{
    PBE2PARAM *pbe2;
    PBEPARAM *pbe;
    int allowed;

    if (OBJ_obj2nid(algorithm) == NID_pbes2) {
        pbe2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), param);
        allowed = pbe2 == NULL || allows_kdf(pbe2->keyfunc);
        PBE2PARAM_free(pbe2);
    } else {
        pbe = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), param);
        allowed = pbe == NULL || is_within(pbe->iter, MAX_ITERATIONS);
        PBEPARAM_free(pbe);
    }
    return allowed;
}

/* Of a PKCS#12 file (RFC 7292, appendix B; RFC 9579). */
static int allows_mac(const PKCS12 *p12)
{
    const X509_ALGOR *algorithm = NULL;
    const ASN1_INTEGER *iterations = NULL;
    PBKDF2PARAM *kdf;
    int allowed;

    PKCS12_get0_mac(NULL, &algorithm, NULL, &iterations, p12);
    if (algorithm == NULL || OBJ_obj2nid(algorithm->algorithm) != NID_pbmac1)
        return is_within(iterations, MAX_ITERATIONS);
    kdf = PBMAC1_get1_pbkdf2_param(algorithm);
    allowed = kdf == NULL || is_within(kdf->iter, MAX_ITERATIONS);
    PBKDF2PARAM_free(kdf);
    return allowed;
}

/* Only what is refused leaves an error: OpenSSL judges what can't be parsed. */
static int settled(int allowed)
{
    ERR_pop_to_mark();
    if (!allowed)
        ERR_raise(ERR_LIB_EVP, EVP_R_UNSUPPORTED_NUMBER_OF_ROUNDS);
    return allowed;
}

int __wrap_EVP_PBE_CipherInit_ex(ASN1_OBJECT *algorithm, const char *pass, int passlen,
                                 ASN1_TYPE *param, EVP_CIPHER_CTX *ctx, int enc,
                                 OSSL_LIB_CTX *libctx, const char *propq)
{
    ERR_set_mark();
    return settled(allows_encryption(algorithm, param))
        && __real_EVP_PBE_CipherInit_ex(algorithm, pass, passlen, param, ctx, enc, libctx, propq);
}

int __wrap_PKCS12_verify_mac(PKCS12 *p12, const char *pass, int passlen)
{
    ERR_set_mark();
    return settled(allows_mac(p12)) && __real_PKCS12_verify_mac(p12, pass, passlen);
}

static int empty_password(char *buffer, int size, int writes, void *data)
{
    return 0;
}

EVP_PKEY *sesame_read_key(BIO *in)
{
    return PEM_read_bio_PrivateKey(in, NULL, empty_password, NULL);
}
