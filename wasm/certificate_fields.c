/*
 * How the fields of a certificate are written, and its names. Names come as they are in the
 * certificate, since what is escaped is for the one who joins them to escape.
 */
#include <string.h>
#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include "certificate_fields.h"

/* RFC 4514, in UTF-8 and without escapes for control characters and others beyond ASCII. */
#define NAME_FLAGS (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB & ~ASN1_STRFLGS_ESC_CTRL)
/* An object identifier in digits; what doesn't fit is cut. */
#define OID_BYTES 256

int sesame_put(BIO *out, enum sesame_field field, const void *bytes, int length)
{
    unsigned char head[5] = { field };

    if (length < 0)
        length = 0;
    for (int i = 0; i < 4; i++)
        head[1 + i] = (unsigned char)((unsigned int)length >> 8 * i);
    return BIO_write(out, head, sizeof(head)) == sizeof(head)
        && (length == 0 || BIO_write(out, bytes, length) == length);
}

int sesame_put_text(BIO *out, enum sesame_field field, const char *text)
{
    return text == NULL || sesame_put(out, field, text, (int)strlen(text));
}

int sesame_put_oid(BIO *out, enum sesame_field field, const ASN1_OBJECT *object)
{
    char text[OID_BYTES];

    return OBJ_obj2txt(text, sizeof(text), object, 1) < 0 || sesame_put_text(out, field, text);
}

int sesame_put_printed(BIO *out, enum sesame_field field, BIO *from, int printed)
{
    char *text;
    long length;
    int ok = from != NULL;

    if (ok && printed) {
        length = BIO_get_mem_data(from, &text);
        ok = sesame_put(out, field, text, (int)length);
    }
    BIO_free(from);
    return ok;
}

int sesame_put_name(BIO *out, enum sesame_field type, enum sesame_field value, const X509_NAME *name)
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
        ok = (nid != NID_undef ? sesame_put_text(out, type, OBJ_nid2sn(nid)) : sesame_put_oid(out, type, object))
            && sesame_put(out, value, text, length);
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
        return sesame_put_printed(out, field, all, ok) && ok;
    }
    return sesame_put_text(out, field, "?othername");
}

static int put_lettered(BIO *out, enum sesame_field field, char letter, const ASN1_STRING *text)
{
    BIO *all = BIO_new(BIO_s_mem());
    int length = ASN1_STRING_length(text);

    return sesame_put_printed(out, field, all, all != NULL && BIO_write(all, &letter, 1) == 1
                       && (length == 0 || BIO_write(all, ASN1_STRING_get0_data(text), length) == length));
}

int sesame_put_general_name(BIO *out, enum sesame_field field, const GENERAL_NAME *name)
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
        return sesame_put_text(out, field, text);
    case GEN_DIRNAME:
        all = BIO_new(BIO_s_mem());
        return sesame_put_printed(out, field, all, all != NULL && BIO_write(all, "N", 1) == 1
                           && X509_NAME_print_ex(all, name->d.directoryName, 0, NAME_FLAGS) >= 0);
    case GEN_OTHERNAME:
        return put_other_name(out, field, name->d.otherName);
    case GEN_X400:
        return sesame_put_text(out, field, "?X400Name");
    case GEN_EDIPARTY:
        return sesame_put_text(out, field, "?EdiPartyName");
    default:
        return 1;
    }
}
