/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/crypto/test_cert.c */
#include "runtime/crypto/name.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "runtime/base/mem.h"
#include "runtime/base/number.h"
#include "runtime/base/text.h"

enum { RDNS_MAX = 32, PIECE_MAX = 1024 };

/* --- writing */

/* What fn prints into a memory BIO goes to out. */
static bool add_printed(BIO *bio, bool printed, struct buf *out, struct error *e)
{
    const char *at = NULL;
    long len = bio == NULL ? 0 : BIO_get_mem_data(bio, &at);
    if (!printed || len < 0) {
        ERR_clear_error();
        return error_set(e, ERROR_REJECT, "a certificate's name cannot be read");
    }
    return buf_add(out, str_bytes(at, (size_t)len), e);
}

bool name_show(const X509_NAME *name, struct buf *out, struct error *e)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool printed = bio != NULL &&
                   X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0;
    bool ok = add_printed(bio, printed, out, e);
    BIO_free(bio);
    return ok;
}

/* RFC 4514 §3 */
static const char *known_type(const ASN1_OBJECT *object)
{
    static const struct {
        int nid;
        const char *name;
    } known[] = {
        {NID_commonName, "CN"},
        {NID_localityName, "L"},
        {NID_stateOrProvinceName, "ST"},
        {NID_organizationName, "O"},
        {NID_organizationalUnitName, "OU"},
        {NID_countryName, "C"},
        {NID_streetAddress, "STREET"},
        {NID_domainComponent, "DC"},
        {NID_userId, "UID"},
    };
    int nid = OBJ_obj2nid(object);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].nid == nid)
            return known[i].name;
    return NULL;
}

static bool print_entry(BIO *bio, const X509_NAME_ENTRY *entry)
{
    const ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
    const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
    const char *type = known_type(object);
    char number[128];
    unsigned long flags = ASN1_STRFLGS_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    if (type == NULL) {
        if (OBJ_obj2txt(number, sizeof(number), object, 1) <= 0)
            return false;
        type = number;
        flags = ASN1_STRFLGS_DUMP_ALL | ASN1_STRFLGS_DUMP_DER;
    }
    return BIO_printf(bio, "%s=", type) > 0 && ASN1_STRING_print_ex(bio, value, flags) >= 0;
}

static bool print_name(BIO *bio, const X509_NAME *name)
{
    int count = X509_NAME_entry_count(name);
    for (int i = count - 1; i >= 0; i--) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        bool same_rdn = i + 1 < count && X509_NAME_ENTRY_set(entry) ==
                                             X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i + 1));
        if (i + 1 < count && BIO_puts(bio, same_rdn ? "+" : ",") <= 0)
            return false;
        if (!print_entry(bio, entry))
            return false;
    }
    return true;
}

bool name_write(const X509_NAME *name, struct buf *out, struct error *e)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = add_printed(bio, bio != NULL && print_name(bio, name), out, e);
    BIO_free(bio);
    return ok;
}

/* --- reading */

struct piece { /* one type=value; `joined`: "+" stood before it */
    struct str type, value;
    bool joined;
};

/* Up to an unescaped, unquoted separator; the separator is consumed and told (0 at the end). */
static struct str take_piece(struct str *text, char *separator)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < text->len; i++) {
        char c = text->at[i];
        if (c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == ',' || c == ';' || c == '+'))
            break;
    }
    struct str piece = str_upto(*text, i);
    *separator = i < text->len ? text->at[i] : '\0';
    *text = str_from(*text, i + 1);
    return piece;
}

static bool split_name(struct str text, struct piece *pieces, size_t *count)
{
    char separator = ',';
    *count = 0;
    while (separator != '\0') {
        bool joined = separator == '+';
        struct str piece = take_piece(&text, &separator);
        size_t equals = str_find_char(piece, '=');
        if (*count == RDNS_MAX || equals == piece.len || piece.len > PIECE_MAX)
            return false;
        pieces[(*count)++] = (struct piece){str_trim(str_upto(piece, equals)),
                                            str_from(piece, equals + 1), joined};
    }
    return true;
}

/* A trailing blank counts when it is escaped. */
static struct str trim_value(struct str value)
{
    struct str trimmed = str_trim(value);
    bool cut = trimmed.len > 0 && trimmed.at + trimmed.len < value.at + value.len;
    if (cut && trimmed.at[trimmed.len - 1] == '\\')
        trimmed.len++;
    return trimmed;
}

/* Undoes \, \xx and quotes. The result is never longer than the value. */
static size_t unescape(struct str value, char *out)
{
    size_t len = 0;
    if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
        value = (struct str){value.at + 1, value.len - 2};
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '\\' && i + 1 < value.len) {
            int high = hex_digit(value.at[i + 1]);
            int low = i + 2 < value.len ? hex_digit(value.at[i + 2]) : -1;
            c = high >= 0 && low >= 0 ? (char)(high * 16 + low) : value.at[i + 1];
            i += high >= 0 && low >= 0 ? 2 : 1;
        }
        out[len++] = c;
    }
    return len;
}

static ASN1_OBJECT *type_object(struct str type)
{
    static const struct {
        const char *name;
        int nid;
    } aliases[] = {
        {"E", NID_pkcs9_emailAddress},
        {"EMAIL", NID_pkcs9_emailAddress},
        {"S", NID_stateOrProvinceName},
        {"SERIALNUMBER", NID_serialNumber},
        {"SURNAME", NID_surname},
        {"T", NID_title},
        {"STREET", NID_streetAddress},
        {"ORGANIZATIONIDENTIFIER", NID_organizationIdentifier},
        {"ORGID", NID_organizationIdentifier},
        {"CN", NID_commonName},
        {"L", NID_localityName},
        {"ST", NID_stateOrProvinceName},
        {"O", NID_organizationName},
        {"OU", NID_organizationalUnitName},
        {"C", NID_countryName},
        {"DC", NID_domainComponent},
        {"UID", NID_userId},
        {"GIVENNAME", NID_givenName},
        {"EMAILADDRESS", NID_pkcs9_emailAddress},
    };
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        if (str_equal_nocase(type, str_of(aliases[i].name)))
            return OBJ_nid2obj(aliases[i].nid);
    char name[128];
    if (str_equal_nocase(str_upto(type, 4), STR("OID.")))
        type = str_from(type, 4);
    if (type.len == 0 || type.len >= sizeof(name))
        return NULL;
    size_t len = unescape(type, name);
    name[len] = '\0';
    return OBJ_txt2obj(name, 0);
}

/* "#0C03..." is the value in DER. */
static X509_NAME_ENTRY *entry_from_hex(const ASN1_OBJECT *object, struct str hex)
{
    struct error e;
    AUTO_BUF der = BUF(PIECE_MAX);
    if (!hex_decode(&der, hex, &e))
        return NULL;
    const unsigned char *at = (const unsigned char *)buf_str(&der).at;
    ASN1_TYPE *any = d2i_ASN1_TYPE(NULL, &at, (long)der.len);
    if (any == NULL)
        return NULL;
    X509_NAME_ENTRY *entry = NULL;
    bool is_text = (ASN1_tag2bit(any->type) & (B_ASN1_DIRECTORYSTRING)) != 0 ||
                   any->type == V_ASN1_IA5STRING || any->type == V_ASN1_NUMERICSTRING;
    if (is_text && ASN1_STRING_length(any->value.asn1_string) > 0)
        entry = X509_NAME_ENTRY_create_by_OBJ(NULL, object, any->type,
                                              ASN1_STRING_get0_data(any->value.asn1_string),
                                              ASN1_STRING_length(any->value.asn1_string));
    ASN1_TYPE_free(any);
    return entry;
}

static X509_NAME_ENTRY *make_entry(struct piece piece)
{
    char value[PIECE_MAX];
    struct str raw = trim_value(piece.value);
    ASN1_OBJECT *object = type_object(piece.type);
    X509_NAME_ENTRY *entry = NULL;
    if (object != NULL && raw.len > 1 && raw.at[0] == '#') {
        entry = entry_from_hex(object, str_from(raw, 1));
    } else if (object != NULL && raw.len > 0) {
        size_t len = unescape(raw, value);
        entry = X509_NAME_ENTRY_create_by_OBJ(NULL, object, MBSTRING_UTF8,
                                              (const unsigned char *)value, (int)len);
    }
    ASN1_OBJECT_free(object); /* does nothing to OpenSSL's own */
    return entry;
}

/* `set` as X509_NAME_add_entry has it: 0 a new RDN, -1 the one before. */
static bool add_piece(X509_NAME *name, struct piece piece, bool joined)
{
    X509_NAME_ENTRY *entry = make_entry(piece);
    bool ok = entry != NULL && X509_NAME_add_entry(name, entry, -1, joined ? -1 : 0) == 1;
    X509_NAME_ENTRY_free(entry);
    return ok;
}

static X509_NAME *build_name(const struct piece *pieces, size_t count, bool reversed)
{
    X509_NAME *name = X509_NAME_new();
    bool ok = name != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        size_t at = reversed ? count - 1 - i : i;
        bool joined = reversed ? i > 0 && pieces[at + 1].joined : pieces[at].joined;
        ok = add_piece(name, pieces[at], joined);
    }
    if (ok)
        return name;
    X509_NAME_free(name);
    ERR_clear_error();
    return NULL;
}

bool name_matches(const X509_NAME *name, struct str text)
{
    struct piece pieces[RDNS_MAX];
    size_t count;
    bool matches = false;
    if (!split_name(text, pieces, &count))
        return false;
    for (int reversed = 1; !matches && reversed >= 0; reversed--) {
        X509_NAME *other = build_name(pieces, count, reversed == 1);
        matches = other != NULL && X509_NAME_cmp(name, other) == 0;
        X509_NAME_free(other);
    }
    return matches;
}
