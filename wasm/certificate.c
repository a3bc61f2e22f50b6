/*
 * What a certificate says, as node:tls shows it: the same on every runtime. OpenSSL parses and
 * decodes; how it is put into words and objects is JavaScript's affair.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* i2d_RSA_PUBKEY() has no successor that leaves PSS out. */
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include "certificate.h"
#include "certificate_fields.h"

/* The first extension of its kind, parsed; an unreadable one is as none. */
static void *first_extension(const X509 *x, int nid)
{
    int at = X509_get_ext_by_NID(x, nid, -1);

    return at < 0 ? NULL : X509V3_EXT_d2i(X509_get_ext(x, at));
}

static int put_alt_names(BIO *out, const X509 *x)
{
    GENERAL_NAMES *names = first_extension(x, NID_subject_alt_name);
    int ok = names == NULL || sesame_put(out, HAS_ALT_NAMES, NULL, 0);

    for (int i = 0; i < sk_GENERAL_NAME_num(names) && ok; i++)
        ok = sesame_put_general_name(out, ALT_NAME, sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(names);
    return ok;
}

static int put_access(BIO *out, const X509 *x)
{
    AUTHORITY_INFO_ACCESS *access = first_extension(x, NID_info_access);
    int ok = 1;

    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access) && ok; i++) {
        ACCESS_DESCRIPTION *description = sk_ACCESS_DESCRIPTION_value(access, i);
        char method[80];

        OBJ_obj2txt(method, sizeof(method), description->method, 0);
        ok = sesame_put_text(out, ACCESS_METHOD, method)
            && sesame_put_general_name(out, ACCESS_LOCATION, description->location);
    }
    AUTHORITY_INFO_ACCESS_free(access);
    return ok;
}

static int put_number(BIO *out, enum sesame_field field, const BIGNUM *number)
{
    char *hex = number == NULL ? NULL : BN_bn2hex(number);
    int ok = number == NULL || hex != NULL;

    ok = ok && sesame_put_text(out, field, hex);
    OPENSSL_free(hex);
    return ok;
}

static int put_key_number(BIO *out, enum sesame_field field, const EVP_PKEY *key, const char *name)
{
    BIGNUM *number = NULL;
    int ok = EVP_PKEY_get_bn_param(key, name, &number) != 1 || put_number(out, field, number);

    BN_free(number);
    return ok;
}

static int put_bits(BIO *out, EVP_PKEY *key)
{
    unsigned int bits = (unsigned int)EVP_PKEY_get_bits(key);
    unsigned char bytes[] = { bits, bits >> 8, bits >> 16, bits >> 24 };

    return sesame_put(out, BITS, bytes, sizeof(bytes));
}

static int put_rsa(BIO *out, EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_RSA_PUBKEY(EVP_PKEY_get0_RSA(key), &der);
    int ok = put_key_number(out, MODULUS, key, OSSL_PKEY_PARAM_RSA_N)
        && put_key_number(out, EXPONENT, key, OSSL_PKEY_PARAM_RSA_E) && put_bits(out, key)
        && (length < 0 || sesame_put(out, PUBLIC_KEY, der, length));

    OPENSSL_free(der);
    return ok;
}

static int put_ec(BIO *out, EVP_PKEY *key)
{
    char name[80] = "";
    unsigned char *point;
    size_t length = 0;
    int nid, ok = put_bits(out, key);

    if (ok && EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, NULL, 0, &length) == 1
        && length > 0 && (point = OPENSSL_malloc(length)) != NULL) {
        ok = EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, length, &length) != 1
            || sesame_put(out, PUBLIC_KEY, point, (int)length);
        OPENSSL_free(point);
    }
    EVP_PKEY_get_group_name(key, name, sizeof(name), &length);
    nid = OBJ_sn2nid(name);
    return ok && (nid == NID_undef
                  || (sesame_put_text(out, CURVE, name) && sesame_put_text(out, NIST_CURVE, EC_curve_nid2nist(nid))));
}

static int put_key(BIO *out, const X509 *x)
{
    EVP_PKEY *key = X509_get0_pubkey(x);

    if (key == NULL)
        return 1;
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return put_rsa(out, key);
    case EVP_PKEY_EC:
        return put_ec(out, key);
    default:
        return 1;
    }
}

static int put_time(BIO *out, enum sesame_field field, const ASN1_TIME *time)
{
    BIO *all = BIO_new(BIO_s_mem());

    return sesame_put_printed(out, field, all, all != NULL && ASN1_TIME_print(all, time) >= 0);
}

static int put_digest(BIO *out, enum sesame_field field, const X509 *x, const EVP_MD *digest)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int length;

    return X509_digest(x, digest, bytes, &length) != 1 || sesame_put(out, field, bytes, (int)length);
}

static int put_purposes(BIO *out, const X509 *x)
{
    EXTENDED_KEY_USAGE *purposes = first_extension(x, NID_ext_key_usage);
    int ok = 1;

    for (int i = 0; i < sk_ASN1_OBJECT_num(purposes) && ok; i++)
        ok = sesame_put_oid(out, KEY_PURPOSE, sk_ASN1_OBJECT_value(purposes, i));
    EXTENDED_KEY_USAGE_free(purposes);
    return ok;
}

static int put_serial(BIO *out, const X509 *x)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    int ok = put_number(out, SERIAL_NUMBER, number);

    BN_free(number);
    return ok;
}

int sesame_certificate(const X509 *x, BIO *out)
{
    /* Reading the extensions changes what OpenSSL remembers of them, not the certificate. */
    unsigned char is_ca = X509_check_ca((X509 *)x) == 1;

    return sesame_put_name(out, SUBJECT_NAME, SUBJECT_VALUE, X509_get_subject_name(x))
        && sesame_put_name(out, ISSUER_NAME, ISSUER_VALUE, X509_get_issuer_name(x))
        && put_alt_names(out, x) && put_access(out, x) && sesame_put(out, IS_CA, &is_ca, 1) && put_key(out, x)
        && put_time(out, VALID_FROM, X509_get0_notBefore(x)) && put_time(out, VALID_TO, X509_get0_notAfter(x))
        && put_digest(out, SHA1_DIGEST, x, EVP_sha1()) && put_digest(out, SHA256_DIGEST, x, EVP_sha256())
        && put_digest(out, SHA512_DIGEST, x, EVP_sha512()) && put_purposes(out, x) && put_serial(out, x);
}
