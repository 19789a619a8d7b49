/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "runtime/base/mem.h"
#include "runtime/xml/expr.h"
#include "runtime/xml/tree.h"
#include "tests/check.h"
#include "tests/unit/runtime/xml/xml_samples.h"

enum { EXPRESSIONS_MAX = 200, ROUNDS = 60, CHANGES = 4, RULES_OCTETS = 64 * 1024 };

/* --- what is read: the expressions of a rules file, and libxml2's reading of them */

struct asked {
    char *text;
    bool is_context;
    const struct expr *x;
    const struct expr_path *context;
    xmlXPathCompExpr *theirs;
};

struct world {
    struct arena arena;
    struct buf rules;
    struct str prefixes[32], uris[32];
    size_t prefix_count;
    regex_t regexes[EXPR_REGEXES_MAX];
    struct expr_reader reader;
    struct asked asked[EXPRESSIONS_MAX];
    size_t count;
};

static const char *namespace_of(void *ctx, struct str prefix)
{
    struct world *w = ctx;
    for (size_t i = 0; i < w->prefix_count; i++)
        if (str_equal(w->prefixes[i], prefix))
            return w->uris[i].at;
    return NULL;
}

static void add_expression(struct world *w, bool is_context, struct str text)
{
    struct asked *a = &w->asked[w->count++];
    CHECK(w->count < EXPRESSIONS_MAX);
    a->text = arena_new(&w->arena, text.len + 1);
    memcpy(a->text, text.at, text.len);
    a->is_context = is_context;
    if (is_context)
        a->context = expr_read_context(&w->reader, text);
    else
        a->x = expr_read(&w->reader, text);
    CHECK_ROW(a->text, a->context != NULL || a->x != NULL);
    a->theirs = xmlXPathCompile((const xmlChar *)a->text);
    CHECK_ROW(a->text, a->theirs != NULL);
}

static void add_value(struct world *w, struct str keyword, struct str value)
{
    size_t at = str_find_char(value, ' ');
    if (str_is(keyword, "prefix")) {
        w->prefixes[w->prefix_count] = arena_copy(&w->arena, str_upto(value, at));
        w->uris[w->prefix_count++] = arena_copy(&w->arena, str_trim(str_from(value, at)));
    }
    if (str_is(keyword, "context") || str_is(keyword, "test"))
        add_expression(w, str_is(keyword, "context"), value);
}

static void add_lines(struct world *w, struct str text)
{
    struct error e = {0};
    struct str line, keyword = STR("");
    AUTO_BUF value = BUF(RULES_OCTETS);
    while (str_next(&text, '\n', &line)) {
        if (line.len == 0 || line.at[0] == '#')
            continue;
        if (line.at[0] != ' ') {
            add_value(w, keyword, buf_str(&value));
            buf_clear(&value);
            keyword = str_upto(line, str_find_char(line, ' '));
            line = str_from(line, keyword.len + 1);
        }
        CHECK_OK(buf_add(&value, line, &e), e);
    }
    add_value(w, keyword, buf_str(&value));
}

static void read_rules_file(const char *name, struct buf *out)
{
    struct error e = {0};
    char path[512], *room;
    uint64_t size = 0;
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof(path), "%s/schemas/%s", top == NULL ? ".." : top, name);
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK_OK(fd != -1 && sys_file_size(fd, &size, &e) && buf_room(out, (size_t)size, &room, &e) &&
                 sys_pread_all(fd, room, (size_t)size, 0, &e),
             e);
    buf_grew(out, (size_t)size);
}

static void world_init(struct world *w, const char *rules, const char *more)
{
    *w = (struct world){.rules = BUF(RULES_OCTETS)};
    w->reader = (struct expr_reader){
        .arena = &w->arena, .namespace_of = namespace_of, .ctx = w, .regexes = w->regexes};
    xml_setup();
    read_rules_file(rules, &w->rules);
    add_lines(w, buf_str(&w->rules));
    add_lines(w, str_of(more));
}

static void world_release(struct world *w)
{
    for (size_t i = 0; i < w->reader.regex_count; i++)
        regfree(&w->regexes[i]);
    for (size_t i = 0; i < w->count; i++)
        xmlXPathFreeCompExpr(w->asked[i].theirs);
    buf_release(&w->rules);
    arena_release(&w->arena);
}

/* --- the judge: libxml2's XPath */

static void matches(xmlXPathParserContext *ctxt, int count)
{
    CHECK(count == 2);
    xmlChar *pattern = xmlXPathPopString(ctxt), *text = xmlXPathPopString(ctxt);
    regex_t regex;
    CHECK(regcomp(&regex, (const char *)pattern, REG_EXTENDED | REG_NOSUB) == 0);
    xmlXPathReturnBoolean(ctxt, regexec(&regex, (const char *)text, 0, NULL, 0) == 0);
    regfree(&regex);
    xmlFree(pattern);
    xmlFree(text);
}

static xmlXPathContext *their_context(const struct world *w, xmlDoc *tree)
{
    xmlXPathContext *ctxt = xmlXPathNewContext(tree);
    xmlXPathRegisterFunc(ctxt, (const xmlChar *)"matches", matches);
    for (size_t i = 0; i < w->prefix_count; i++)
        xmlXPathRegisterNs(ctxt, (const xmlChar *)w->prefixes[i].at,
                           (const xmlChar *)w->uris[i].at);
    return ctxt;
}

static bool is_in(const xmlNodeSet *set, const xmlNode *n)
{
    for (int i = 0; set != NULL && i < set->nodeNr; i++)
        if (set->nodeTab[i] == n)
            return true;
    return false;
}

static bool selects(const struct expr_path *p, const xmlNode *n, struct arena *scratch)
{
    for (; p != NULL; p = p->or_else)
        if (expr_selects(p, n, scratch))
            return true;
    return false;
}

static size_t compare_node(const struct asked *a, xmlXPathContext *ctxt, const xmlNodeSet *set,
                           const xmlNode *n)
{
    AUTO_ARENA scratch = {0};
    ctxt->node = writable(n);
    bool theirs =
        a->is_context ? is_in(set, n) : xmlXPathCompiledEvalToBoolean(a->theirs, ctxt) == 1;
    bool ours = a->is_context ? selects(a->context, n, &scratch) : expr_holds(a->x, n, &scratch);
    if (ours != theirs) {
        struct str path =
            xml_path(foreign(n->type == XML_ATTRIBUTE_NODE ? n->parent : n), &scratch);
        fail_msg("%s at %.*s (%s): %d, libxml2 says %d", a->text, STR_ARG(path),
                 (const char *)n->name, ours, theirs);
    }
    return ours;
}

/* Every expression of every element and attribute; how many hold. */
static size_t compare(const struct world *w, xmlDoc *tree)
{
    size_t held = 0;
    const xmlNode *root = xmlDocGetRootElement(tree);
    xmlXPathContext *ctxt = their_context(w, tree);
    for (size_t i = 0; i < w->count; i++) {
        const struct asked *a = &w->asked[i];
        ctxt->node = (xmlNode *)tree;
        xmlXPathObject *found = a->is_context ? xmlXPathCompiledEval(a->theirs, ctxt) : NULL;
        CHECK_ROW(a->text, !a->is_context || found->type == XPATH_NODESET);
        const xmlNodeSet *set = found == NULL ? NULL : found->nodesetval;
        for (const xmlNode *n = root; n != NULL; n = next_in(n, root)) {
            if (n->type != XML_ELEMENT_NODE)
                continue;
            held += compare_node(a, ctxt, set, n);
            for (const xmlAttr *at = n->properties; at != NULL; at = at->next)
                held += compare_node(a, ctxt, set, (const xmlNode *)at);
        }
        xmlXPathFreeObject(found);
    }
    xmlXPathFreeContext(ctxt);
    return held;
}

/* --- documents: one that is right, changed again and again */

static xmlNode *some_element(struct sample_dice *d, xmlDoc *tree)
{
    xmlNode *root = xmlDocGetRootElement(tree);
    unsigned count = 0;
    for (const xmlNode *n = root; n != NULL; n = next_in(n, root))
        count += n->type == XML_ELEMENT_NODE;
    unsigned wanted = dice(d, count);
    for (const xmlNode *n = root; n != NULL; n = next_in(n, root))
        if (n->type == XML_ELEMENT_NODE && wanted-- == 0)
            return writable(n);
    return root;
}

static void change_text(struct sample_dice *d, xmlNode *n)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "\n\t ",
                                        "true",
                                        " 1 ",
                                        "false",
                                        "DOCUMENTID",
                                        " FEDERATIONID\n",
                                        "1.0",
                                        "1 .0",
                                        "iso6523-actorid-upis",
                                        " iso6523-actorid-upis",
                                        "urn:fdc:digg.se:edelivery:xhe:1",
                                        "2026-01-31T10:00:00.123Z",
                                        "2026-01-31T10:00:00",
                                        "ACCEPTED",
                                        "REJECTED ",
                                        "a  b\r\nc",
                                        "3a94b4ed-a6d7-41e2-945d-b3fa91e8a6e9",
                                        "\xc3\xa5\xc3\xa4\xc3\xb6",
                                        "=",
                                        "12",
                                        "urn:riv:infrastructure:messaging:functionalAddress"};
    const xmlChar *text = (const xmlChar *)texts[dice(d, sizeof(texts) / sizeof(texts[0]))];
    if (dice(d, 3) > 0 && n->children != NULL && n->children->type == XML_TEXT_NODE)
        xmlNodeSetContent(n->children, text);
    else
        xmlAddChild(n, dice(d, 4) == 0 ? xmlNewCDataBlock(n->doc, text, xmlStrlen(text))
                                       : xmlNewText(text));
    if (dice(d, 3) == 0)
        xmlAddChild(n, dice(d, 2) == 0 ? xmlNewComment((const xmlChar *)"words")
                                       : xmlNewPI((const xmlChar *)"x", (const xmlChar *)"words"));
}

static void change_attribute(struct sample_dice *d, xmlNode *n)
{
    static const char *const values[] = {"", "  ", "iso6523-actorid-upis",
                                         " iso6523-actorid-upis "};
    xmlSetProp(n, (const xmlChar *)(dice(d, 2) == 0 ? "schemeID" : "d"),
               (const xmlChar *)values[dice(d, 4)]);
}

static void change(struct sample_dice *d, xmlDoc *tree)
{
    xmlNode *n = some_element(d, tree), *other = some_element(d, tree);
    bool is_root = n == xmlDocGetRootElement(tree);
    switch (dice(d, 7)) {
    case 0:
        change_attribute(d, n);
        break;
    case 1:
        if (!is_root) {
            xmlUnlinkNode(n);
            xmlFreeNode(n);
        }
        break;
    case 2:
        xmlAddChild(other, xmlCopyNode(n, 1));
        break;
    case 3:
        if (!is_root)
            xmlAddNextSibling(n, xmlCopyNode(n, 1));
        break;
    case 4:
        xmlNodeSetName(n, other->name);
        break;
    default:
        change_text(d, n);
        break;
    }
}

static void compare_changed(const struct world *w, const char *base)
{
    struct sample_dice d = {7};
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct error e = {0};
        AUTO_XML doc = NULL;
        CHECK_OK(xml_read(str_of(base), &xml_limits_envelope, &doc, &e), e);
        CHECK(compare(w, doc->tree) > 0);
        xmlDoc *changed = xmlReadMemory(base, (int)str_of(base).len, NULL, NULL, XML_PARSE_NONET);
        for (unsigned k = 0; k < CHANGES; k++) { /* libxml2 may change a tree of its own alone */
            change(&d, changed);
            compare(w, changed);
        }
        xmlFreeDoc(changed);
    }
}

#define CRITERION(code)                                                   \
    "<a:BusinessScopeCriterion><b:BusinessScopeCriterionTypeCode>" code   \
    "</b:BusinessScopeCriterionTypeCode><b:BusinessScopeCriterionValue>v" \
    "</b:BusinessScopeCriterionValue></a:BusinessScopeCriterion>"
#define XHE "http://docs.oasis-open.org/bdxr/ns/XHE/1/"
static const char envelope[] =
    "<x:XHE xmlns:x='" XHE "ExchangeHeaderEnvelope' xmlns:a='" XHE "AggregateComponents'"
    " xmlns:b='" XHE "BasicComponents'><b:XHEVersionID>1.0</b:XHEVersionID>"
    "<b:CustomizationID>urn:fdc:digg.se:edelivery:xhe:1</b:CustomizationID><a:Header><b:ID>1</b:ID>"
    "<b:CreationDateTime>2026-01-31T10:00:00.123Z</b:CreationDateTime>\n<a:BusinessScope>" CRITERION(
        "DOCUMENTID") CRITERION("DOCUMENTID_SCHEME") CRITERION("PROCESSID")
        CRITERION("PROCESSID_SCHEME") CRITERION(
            "FEDERATIONID") "</a:BusinessScope>"
                            "<a:FromParty><a:PartyIdentification><b:ID schemeID='iso6523-actorid-upis'>0203:a</b:ID>"
                            "</a:PartyIdentification></a:FromParty>"
                            "<a:ToParty><a:PartyIdentification><b:ID schemeID='iso6523-actorid-upis'>0203:b</b:ID>"
                            "</a:PartyIdentification></a:ToParty></a:Header><a:Payloads><a:Payload>"
                            "<b:DocumentTypeCode>q</b:DocumentTypeCode><b:ContentTypeCode>c</b:ContentTypeCode>"
                            "<b:InstanceEncryptionIndicator>true</b:InstanceEncryptionIndicator><a:PayloadContent>"
                            "<e:EncryptedData xmlns:e='http://www.w3.org/2001/04/xmlenc#' Type=''>"
                            "<e:EncryptionMethod Algorithm='x'/></e:EncryptedData></a:PayloadContent></a:Payload>"
                            "</a:Payloads><d:Signature xmlns:d='http://www.w3.org/2000/09/xmldsig#' Id=''>"
                            "<d:Transform/></d:Signature></x:XHE>";

#define PARTY(name, id)                                                                            \
    "<m:" name "><m:" id "><m:root>iso6523-actorid-upis</m:root><m:extension>0203:b</m:extension>" \
    "</m:" id "><m:attention><m:subOrganization><m:organizationId>"                                \
    "<m:root>urn:riv:infrastructure:messaging:functionalAddress</m:root>"                          \
    "<m:extension>sdk</m:extension></m:organizationId></m:subOrganization></m:attention></m:" name \
    ">"
#define UUID "3a94b4ed-a6d7-41e2-945d-b3fa91e8a6e9"
static const char message[] =
    "<m:messagePayload xmlns:m='urn:riv:infrastructure:messaging:MessageWithAttachments:3'>"
    "<m:message><m:messageHeader><m:creationDateTime>2026-01-31T10:00:00.123Z"
    "</m:creationDateTime><m:messageId>" UUID "</m:messageId><m:conversationId>" UUID
    "</m:conversationId><m:label>\xc3\x84rende</m:label>" PARTY("recipient", "recipientID") PARTY(
        "sender",
        "senderID") "</m:messageHeader><m:messageBody><m:documents>"
                    "<m:documentID>1</m:documentID><m:index>1</m:index><m:ContentFiles><m:content>QUJD</m:content>"
                    "</m:ContentFiles><m:ContentText><m:characterSequence>a<!-- -->b</m:characterSequence>"
                    "</m:ContentText></m:documents></m:messageBody></m:message></m:messagePayload>";

#define UBL "urn:oasis:names:specification:ubl:schema:xsd:"
static const char receipt[] =
    "<r:ApplicationResponse xmlns:r='" UBL "ApplicationResponse-2' xmlns:c='" UBL
    "CommonAggregateComponents-2' xmlns:b='" UBL "CommonBasicComponents-2'>"
    "<b:CustomizationID>urn:fdc:digg.se:edelivery:messagetype:response:1</b:CustomizationID>"
    "<b:ProfileID>bdx:noprocess</b:ProfileID><b:ID>1</b:ID><b:IssueTime>10:00:00Z</b:IssueTime>"
    "<c:SenderParty><b:EndpointID schemeID='iso6523-actorid-upis'>a</b:EndpointID></c:SenderParty>"
    "<c:ReceiverParty><b:EndpointID schemeID='iso6523-actorid-upis'>b</b:EndpointID>"
    "</c:ReceiverParty><c:DocumentResponse><c:Response><b:ResponseCode>REJECTED</b:ResponseCode>"
    "</c:Response><c:DocumentReference><b:ID>2</b:ID></c:DocumentReference><c:LineResponse>"
    "<c:Response><b:ResponseCode>SV</b:ResponseCode><c:Status><b:StatusReason>n</b:StatusReason>"
    "</c:Status></c:Response></c:LineResponse></c:DocumentResponse></r:ApplicationResponse>";

/* What no rule asks yet, over each of the three documents. */
static const char more[] =
    "context //@*\n"
    "context /descendant::*[.]//*[@d or *]\n"
    "context /*/* | //@d[not(.='')]\n"
    "test ancestor::*[*/@schemeID] and not( @d )\n"
    "test count(*/*)<=2 or string-length(normalize-space( . )) = 4\n"
    "test *[normalize-space(@schemeID)]/@schemeID = 'iso6523-actorid-upis'\n"
    "test normalize-space(*)='a b c' or . = 'true'\n"
    "test true() and parent::*[count(child::*) = 2][attribute::* or false()]\n"
    "test string-length(*/*) = 2\n"
    "test self::*\n";

static void compare_rules(const char *rules, const char *base)
{
    struct world *w = mem_new(sizeof(*w));
    world_init(w, rules, more);
    compare_changed(w, base);
    world_release(w);
    mem_free(w);
}

TEST(envelope_rules_mean_what_xpath_means_by_them)
{
    compare_rules("xhe-1.0.rules", envelope);
}

TEST(message_rules_mean_what_xpath_means_by_them)
{
    compare_rules("sdk-message-3.rules", message);
}

TEST(receipt_rules_mean_what_xpath_means_by_them)
{
    compare_rules("receipt-2.1.rules", receipt);
}

static bool can_read(const char *text, bool is_context, bool *is_unknown)
{
    struct world *none = mem_new(sizeof(*none));
    struct expr_reader r = {
        .arena = &none->arena, .namespace_of = namespace_of, .ctx = none, .regexes = none->regexes};
    bool can = is_context ? expr_read_context(&r, str_of(text)) != NULL
                          : expr_read(&r, str_of(text)) != NULL;
    *is_unknown = r.is_unknown;
    none->reader.regex_count = r.regex_count;
    world_release(none);
    mem_free(none);
    return can;
}

TEST(what_is_not_known_is_refused)
{
    static const struct {
        const char *text;
        bool is_unknown;
    } rows[] = {
        {"", false},
        {"a b", false},
        {"a/", false},
        {"/a", false},
        {"a//b", false},
        {"descendant::a", false},
        {"following::a", false},
        {"..", false},
        {"./a", false},
        {"a[1]", false},
        {"a[]", false},
        {"a[b", false},
        {"count(a)", false},
        {"count(a) = 'x'", false},
        {"count(a) = 99999999999", false},
        {"string-length(ancestor::a) = 1", false},
        {"normalize-space(ancestor::a)", false},
        {". < 2", false},
        {". = a", false},
        {". = 'a", false},
        {"a | b", false},
        {"not(a", false},
        {"(a)", false},
        {"a and", false},
        {"a or", false},
        {"1", false},
        {"last()", true},
        {"'a'", false},
        {"a[b[c[d[e[f[g[h[i]]]]]]]]", false},
        {"a[b][c][d][e][f]", false},
        {"a/b/c/d/e/f/g/h/i", false},
        {"exists(a)", true},
        {"z:a", true},
        {"@z:*", true},
        {"matches(., '[')", true},
        {"matches('a', .)", true},
        {"matches(.)", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool is_unknown;
        CHECK_ROW(rows[i].text, !can_read(rows[i].text, false, &is_unknown));
        CHECK_ROW(rows[i].text, is_unknown == rows[i].is_unknown);
    }
}

TEST(a_context_is_absolute_and_selects_nodes)
{
    static const char *const rows[] = {"",      "a",      "/",        "/a/",     "/@a",
                                       "1",     "/a//@b", "/a/@b/c",  "/a | b",  "/a |",
                                       "/a/..", "/a[1]",  "/self::a", "//[",     "/parent::a",
                                       "/.",    "/a///b", "count(a)", "/a or b", "//ancestor::a"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool is_unknown;
        CHECK_ROW(rows[i], !can_read(rows[i], true, &is_unknown));
    }
}

CHECK_MAIN
