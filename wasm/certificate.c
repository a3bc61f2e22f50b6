/*
 * What a certificate says, as node:tls shows it: the same on every runtime. OpenSSL parses and
 * decodes; how it is put into words and objects is JavaScript's affair. Names come as they are in
 * the certificate, since what is escaped is for the one who joins them to escape.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* i2d_RSA_PUBKEY() has no successor that leaves PSS out. */
#include <string.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include "certificate.h"

/* RFC 4514, in UTF-8 and without escapes for control characters and others beyond ASCII. */
#define NAME_FLAGS (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB & ~ASN1_STRFLGS_ESC_CTRL)
/* An object identifier in digits; what doesn't fit is cut. */
#define OID_BYTES 256

static int put(BIO *out, enum sesame_field field, const void *bytes, int length)
{
    unsigned char head[5] = { field };

    if (length < 0)
        length = 0;
    for (int i = 0; i < 4; i++)
        head[1 + i] = (unsigned char)((unsigned int)length >> 8 * i);
    return BIO_write(out, head, sizeof(head)) == sizeof(head)
        && (length == 0 || BIO_write(out, bytes, length) == length);
}

static int put_text(BIO *out, enum sesame_field field, const char *text)
{
    return text == NULL || put(out, field, text, (int)strlen(text));
}

static int put_oid(BIO *out, enum sesame_field field, const ASN1_OBJECT *object)
{
    char text[OID_BYTES];

    return OBJ_obj2txt(text, sizeof(text), object, 1) < 0 || put_text(out, field, text);
}

/* What was printed to `from`, which is freed. */
static int put_printed(BIO *out, enum sesame_field field, BIO *from, int printed)
{
    char *text;
    long length;
    int ok = from != NULL;

    if (ok && printed) {
        length = BIO_get_mem_data(from, &text);
        ok = put(out, field, text, (int)length);
    }
    BIO_free(from);
    return ok;
}

static int put_name(BIO *out, enum sesame_field type, enum sesame_field value, const X509_NAME *name)
{
    int count = X509_NAME_entry_count(name), ok = 1;

    for (int i = 0; i < count && ok; i++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
        unsigned char *text = NULL;
        int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
        int nid = OBJ_obj2nid(object);

        if (length < 0)
            continue;
        ok = (nid != NID_undef ? put_text(out, type, OBJ_nid2sn(nid)) : put_oid(out, type, object))
            && put(out, value, text, length);
        OPENSSL_free(text);
    }
    return ok;
}

/* A name of another type, if it has one of the five that have a name, in the string type of these. */
static int put_other_name(BIO *out, enum sesame_field field, const OTHERNAME *other)
{
    static const struct { int nid, type; const char *prefix; } known[] = {
        { NID_id_on_SmtpUTF8Mailbox, V_ASN1_UTF8STRING, "SmtpUTF8Mailbox:" },
        { NID_XmppAddr, V_ASN1_UTF8STRING, "XmppAddr:" },
        { NID_SRVName, V_ASN1_IA5STRING, "SRVName:" },
        { NID_ms_upn, V_ASN1_UTF8STRING, "UPN:" },
        { NID_NAIRealm, V_ASN1_UTF8STRING, "NAIRealm:" },
    };
    int nid = OBJ_obj2nid(other->type_id), ok;

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        const ASN1_STRING *text;
        BIO *all;

        if (known[i].nid != nid || known[i].type != other->value->type)
            continue;
        text = other->value->value.asn1_string;
        if ((all = BIO_new(BIO_s_mem())) == NULL)
            return 0;
        ok = BIO_printf(all, "%c%s", known[i].type == V_ASN1_UTF8STRING ? 'U' : 'O', known[i].prefix) > 0
            && (ASN1_STRING_length(text) == 0
                || BIO_write(all, ASN1_STRING_get0_data(text), ASN1_STRING_length(text)) > 0);
        return put_printed(out, field, all, ok) && ok;
    }
    return put_text(out, field, "?othername");
}

static int put_lettered(BIO *out, enum sesame_field field, char letter, const ASN1_STRING *text)
{
    BIO *all = BIO_new(BIO_s_mem());
    int length = ASN1_STRING_length(text);

    return put_printed(out, field, all, all != NULL && BIO_write(all, &letter, 1) == 1
                       && (length == 0 || BIO_write(all, ASN1_STRING_get0_data(text), length) == length));
}

/* A letter for the type, and the name: see NAME_TYPES in src/libssl/certificate.ts. */
static int put_general_name(BIO *out, enum sesame_field field, const GENERAL_NAME *name)
{
    char text[OID_BYTES];
    BIO *all;

    switch (name->type) {
    case GEN_DNS:
        return put_lettered(out, field, 'D', name->d.dNSName);
    case GEN_EMAIL:
        return put_lettered(out, field, 'E', name->d.rfc822Name);
    case GEN_URI:
        return put_lettered(out, field, 'A', name->d.uniformResourceIdentifier);
    case GEN_IPADD:
        return put_lettered(out, field, 'I', name->d.iPAddress);
    case GEN_RID:
        text[0] = 'R';
        if (OBJ_obj2txt(text + 1, sizeof(text) - 1, name->d.registeredID, 1) < 0)
            text[1] = '\0';
        return put_text(out, field, text);
    case GEN_DIRNAME:
        all = BIO_new(BIO_s_mem());
        return put_printed(out, field, all, all != NULL && BIO_write(all, "N", 1) == 1
                           && X509_NAME_print_ex(all, name->d.directoryName, 0, NAME_FLAGS) >= 0);
    case GEN_OTHERNAME:
        return put_other_name(out, field, name->d.otherName);
    case GEN_X400:
        return put_text(out, field, "?X400Name");
    case GEN_EDIPARTY:
        return put_text(out, field, "?EdiPartyName");
    default:
        return 1;
    }
}

/* The first extension of its kind, parsed; an unreadable one is as none. */
static void *first_extension(const X509 *x, int nid)
{
    int at = X509_get_ext_by_NID(x, nid, -1);

    return at < 0 ? NULL : X509V3_EXT_d2i(X509_get_ext(x, at));
}

static int put_alt_names(BIO *out, const X509 *x)
{
    GENERAL_NAMES *names = first_extension(x, NID_subject_alt_name);
    int ok = names == NULL || put(out, HAS_ALT_NAMES, NULL, 0);

    for (int i = 0; i < sk_GENERAL_NAME_num(names) && ok; i++)
        ok = put_general_name(out, ALT_NAME, sk_GENERAL_NAME_value(names, i));
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
        ok = put_text(out, ACCESS_METHOD, method)
            && put_general_name(out, ACCESS_LOCATION, description->location);
    }
    AUTHORITY_INFO_ACCESS_free(access);
    return ok;
}

static int put_number(BIO *out, enum sesame_field field, const BIGNUM *number)
{
    char *hex = number == NULL ? NULL : BN_bn2hex(number);
    int ok = number == NULL || hex != NULL;

    ok = ok && put_text(out, field, hex);
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

    return put(out, BITS, bytes, sizeof(bytes));
}

static int put_rsa(BIO *out, EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_RSA_PUBKEY(EVP_PKEY_get0_RSA(key), &der);
    int ok = put_key_number(out, MODULUS, key, OSSL_PKEY_PARAM_RSA_N)
        && put_key_number(out, EXPONENT, key, OSSL_PKEY_PARAM_RSA_E) && put_bits(out, key)
        && (length < 0 || put(out, PUBLIC_KEY, der, length));

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
            || put(out, PUBLIC_KEY, point, (int)length);
        OPENSSL_free(point);
    }
    EVP_PKEY_get_group_name(key, name, sizeof(name), &length);
    nid = OBJ_sn2nid(name);
    return ok && (nid == NID_undef
                  || (put_text(out, CURVE, name) && put_text(out, NIST_CURVE, EC_curve_nid2nist(nid))));
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

    return put_printed(out, field, all, all != NULL && ASN1_TIME_print(all, time) >= 0);
}

static int put_digest(BIO *out, enum sesame_field field, const X509 *x, const EVP_MD *digest)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int length;

    return X509_digest(x, digest, bytes, &length) != 1 || put(out, field, bytes, (int)length);
}

static int put_purposes(BIO *out, const X509 *x)
{
    EXTENDED_KEY_USAGE *purposes = first_extension(x, NID_ext_key_usage);
    int ok = 1;

    for (int i = 0; i < sk_ASN1_OBJECT_num(purposes) && ok; i++)
        ok = put_oid(out, KEY_PURPOSE, sk_ASN1_OBJECT_value(purposes, i));
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

    return put_name(out, SUBJECT_NAME, SUBJECT_VALUE, X509_get_subject_name(x))
        && put_name(out, ISSUER_NAME, ISSUER_VALUE, X509_get_issuer_name(x))
        && put_alt_names(out, x) && put_access(out, x) && put(out, IS_CA, &is_ca, 1) && put_key(out, x)
        && put_time(out, VALID_FROM, X509_get0_notBefore(x)) && put_time(out, VALID_TO, X509_get0_notAfter(x))
        && put_digest(out, SHA1_DIGEST, x, EVP_sha1()) && put_digest(out, SHA256_DIGEST, x, EVP_sha256())
        && put_digest(out, SHA512_DIGEST, x, EVP_sha512()) && put_purposes(out, x) && put_serial(out, x);
}

static int empty_password(char *buffer, int size, int writes, void *data)
{
    return 0;
}

EVP_PKEY *sesame_read_key(BIO *in)
{
    return PEM_read_bio_PrivateKey(in, NULL, empty_password, NULL);
}
