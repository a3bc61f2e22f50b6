/*
 * Remedies for what OpenSSL 3.5.7 has open and a peer can reach. OpenSSL itself is unpatched: the
 * linker's --wrap puts a function of ours before one of its, whose own name is then __real_….
 * wasm/ladder.c is the other remedy. SECURITY.md says which release makes which of them needless.
 */
#include <openssl/decodererr.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <internal/namemap.h>

#define WRAPS(result, name, ...) \
    result __real_##name(__VA_ARGS__); \
    result __wrap_##name(__VA_ARGS__); \
    result __wrap_##name(__VA_ARGS__)

/*
 * CVE-2026-35189, mended in 3.5.9. When a certificate arrives, before anything of it is verified,
 * OpenSSL writes out the full name of every CRL distribution point that is given relative to the
 * issuer: a copy of the issuer's name for each six bytes of the certificate. The names are read
 * only when a CRL with a distribution point of its own is consulted. Here the copies of one
 * certificate or CRL take no more than MAX_NAMES bytes of DER. A point over that is left without
 * its full name, which matches no CRL: the check of such a certificate against such CRLs fails.
 */

#define MAX_NAMES 4096
#define OVERHEAD 64 /* of a copy, so that short names don't count for nothing */

static int names_left;

WRAPS(void *, X509_get_ext_d2i, const X509 *x, int nid, int *crit, int *idx)
{
    if (nid == NID_crl_distribution_points)
        names_left = MAX_NAMES;
    return __real_X509_get_ext_d2i(x, nid, crit, idx);
}

WRAPS(void *, X509_CRL_get_ext_d2i, const X509_CRL *x, int nid, int *crit, int *idx)
{
    if (nid == NID_issuing_distribution_point)
        names_left = MAX_NAMES;
    return __real_X509_CRL_get_ext_d2i(x, nid, crit, idx);
}

WRAPS(int, DIST_POINT_set_dpname, DIST_POINT_NAME *dpn, const X509_NAME *iname)
{
    size_t size;

    if (dpn == NULL || dpn->type != 1)
        return 1;
    if (!X509_NAME_get0_der(iname, NULL, &size))
        return 0;
    if (size + OVERHEAD > (size_t)names_left)
        return 1;
    names_left -= (int)size + OVERHEAD;
    return __real_DIST_POINT_set_dpname(dpn, iname);
}

/*
 * OpenSSL keeps a decoder for every type of key that it was asked for, also for those that it
 * doesn't know: each certificate with another unknown algorithm left 197 bytes for good. No
 * release has mended it. A type that has no name in the module has no decoder either.
 */

static void ignore(EVP_KEYMGMT *keymgmt, void *arg)
{
}

/* The names of a provider's keys are known once they have been asked for. */
static int is_known(OSSL_LIB_CTX *libctx, const char *keytype)
{
    static int asked;

    if (!asked) {
        EVP_KEYMGMT_do_all_provided(libctx, ignore, NULL);
        asked = 1;
    }
    return ossl_namemap_name2num(ossl_namemap_stored(libctx), keytype) != 0;
}

WRAPS(OSSL_DECODER_CTX *, OSSL_DECODER_CTX_new_for_pkey, EVP_PKEY **pkey, const char *input_type,
      const char *input_structure, const char *keytype, int selection, OSSL_LIB_CTX *libctx,
      const char *propquery)
{
    if (keytype != NULL && !is_known(libctx, keytype)) {
        ERR_raise_data(ERR_LIB_OSSL_DECODER, ERR_R_UNSUPPORTED, "Key type: %s", keytype);
        return NULL;
    }
    return __real_OSSL_DECODER_CTX_new_for_pkey(pkey, input_type, input_structure, keytype, selection,
                                                libctx, propquery);
}
