/* SPDX-License-Identifier: Apache-2.0
 * The XML schema of BPMN as rules: what an element may hold, in which order, which attributes it has and what stands in them. */
#include "server/domain/process/lint.h"

enum must { MAY, MUST };

/* Types of attributes that are no enumeration, told apart by their address; the text is what a finding says. */
static const char ID[] = "a letter or _ and then letters, digits, . - _", IDREF[] = "an id without prefix";
static const char BOOLEAN[] = "true or false", INTEGER[] = "an integer", ANY[] = "any text";

static const struct particle {
    enum bpmn_kind class_, child;
    unsigned min, max; /* max 0: any number */
} particles[] = {
#define E(class_, child, min, max) {BPMN_##class_, BPMN_##child, min, max},
#define A(class_, attribute, must, type)
#include "server/domain/process/schema.def"
#undef E
#undef A
};

static const struct attribute {
    enum bpmn_kind class_;
    const char *name;
    enum must must;
    const char *type;
} attributes[] = {
#define E(class_, child, min, max)
#define A(class_, attribute, must, type) {BPMN_##class_, attribute, must, type},
#include "server/domain/process/schema.def"
#undef E
#undef A
};

enum { CLASSES_MAX = 8, PARTICLES_MAX = 32 };

/* The type that the schema gives to an element, where it is not the class of its name. */
static enum bpmn_kind type_of(const struct xml_node *n)
{
    bool formal = n->kind == BPMN_MESSAGE_PATH || n->kind == BPMN_DATA_PATH || bpmn_is(n, BPMN_EXPRESSION);
    if (formal && lint_formal(n))
        return BPMN_FORMAL_EXPRESSION;
    return n->kind == BPMN_BEHAVIOR_EVENT ? BPMN_IMPLICIT_THROW_EVENT : (enum bpmn_kind)n->kind;
}

static bool is_no_base_element(enum bpmn_kind k)
{
    return k == BPMN_DEFINITIONS || k == BPMN_IMPORT || k == BPMN_EXTENSION || k == BPMN_DOCUMENTATION;
}

/* The element's type and those that it extends, the topmost first. */
static unsigned classes_of(const struct xml_node *n, enum bpmn_kind ret_classes[CLASSES_MAX])
{
    enum bpmn_kind up[CLASSES_MAX];
    unsigned k = 0;
    for (enum bpmn_kind c = type_of(n); k < CLASSES_MAX; c = bpmn_kind_parent(c)) {
        up[k++] = c;
        if (c == BPMN_BASE || is_no_base_element(c))
            break;
    }
    for (unsigned i = 0; i < k; i++)
        ret_classes[i] = up[k - 1 - i];
    return k;
}

/* --- content ---------------------------------------------------------------------------------------------------------- */

static unsigned particles_of(const struct xml_node *n, const struct particle *ret[PARTICLES_MAX])
{
    enum bpmn_kind classes[CLASSES_MAX];
    unsigned n_classes = classes_of(n, classes), k = 0;
    for (unsigned c = 0; c < n_classes; c++)
        for (size_t i = 0; i < OD_LEN(particles) && k < PARTICLES_MAX; i++)
            if (particles[i].class_ == classes[c])
                ret[k++] = &particles[i];
    return k;
}

/* Text, documentation and scripts are for people and other programs, extensionElements for anybody. */
static bool holds_anything(const struct xml_node *n)
{
    return n->kind == BPMN_EXTENSION_ELEMENTS || n->kind == BPMN_DOCUMENTATION || n->kind == BPMN_TEXT || n->kind == BPMN_SCRIPT ||
           n->kind == BPMN_UNKNOWN;
}

static bool holds_text(const struct xml_node *n)
{
    return bpmn_is(n, BPMN_EXPRESSION) || bpmn_is(n, BPMN_REF) || n->kind == BPMN_SOURCE || n->kind == BPMN_TARGET ||
           n->kind == BPMN_MESSAGE_PATH || n->kind == BPMN_DATA_PATH;
}

/* Where a child belongs; n if nowhere. */
static unsigned place_of(const struct particle *const *list, unsigned n, const struct xml_node *child)
{
    unsigned i = 0;
    while (i < n && !bpmn_is(child, list[i]->child))
        i++;
    return i;
}

/* Diagrams stand in the definitions, what else is not BPMN in extensionElements. */
static bool is_misplaced_guest(const struct xml_node *parent, const struct xml_node *child)
{
    return child->ns != XML_NS_BPMN && !(parent->kind == BPMN_DEFINITIONS && child->ns == XML_NS_BPMNDI);
}

/* Date, duration and cycle of a timer exclude each other, so do the two ways to name who does a task. */
static bool is_choice_made(const struct xml_node *parent, const struct xml_node *child)
{
    if (parent->kind == BPMN_TIMER_DEFINITION && bpmn_is(child, BPMN_EXPRESSION))
        return model_first(parent, BPMN_EXPRESSION) != child;
    return child->kind == BPMN_RESOURCE_ASSIGNMENT && model_first(parent, BPMN_RESOURCE_REF);
}

void lint_schema_content(struct lint_ctx *c, const struct xml_node *n)
{
    const struct particle *list[PARTICLES_MAX];
    unsigned count[PARTICLES_MAX] = {0}, n_list = particles_of(n, list);
    for (const struct xml_node *k = xml_child(n); k && !holds_anything(n); k = xml_sibling(k)) {
        if (is_misplaced_guest(n, k))
            lint_tell(c, n, "holds " OD_STR_FMT ": what is not BPMN stands in extensionElements", OD_STR_ARG(k->qname));
        if (k->kind <= BPMN_UNKNOWN)
            continue;
        unsigned i = place_of(list, n_list, k);
        if (i == n_list)
            lint_tell(c, k, "cannot stand in a " OD_STR_FMT, OD_STR_ARG(n->name));
        else if ((list[i]->max && ++count[i] > list[i]->max) || is_choice_made(n, k))
            lint_tell(c, k, "is one too many in its " OD_STR_FMT, OD_STR_ARG(n->name));
    }
}

void lint_schema_order(struct lint_ctx *c, const struct xml_node *n)
{
    const struct particle *list[PARTICLES_MAX];
    unsigned count[PARTICLES_MAX] = {0}, n_list = particles_of(n, list), at = 0;
    for (const struct xml_node *k = n->first; k && !holds_anything(n); k = k->next) {
        if (xml_is_text(k)) {
            if (!holds_text(n) && od_str_trim(k->text).n)
                lint_tell(c, n, "holds text, which means nothing here");
            continue;
        }
        unsigned i = k->kind > BPMN_UNKNOWN ? place_of(list, n_list, k) : n_list;
        if (i == n_list)
            continue;
        count[i]++;
        if (i < at)
            lint_tell(c, k, "stands too late in its " OD_STR_FMT, OD_STR_ARG(n->name));
        else
            at = i;
    }
    for (unsigned i = 0; i < n_list; i++)
        if (count[i] < list[i]->min)
            lint_tell(c, n, "needs %u %s", list[i]->min, bpmn_kind_name(list[i]->child));
}

/* --- attributes ------------------------------------------------------------------------------------------------------- */

static const struct attribute *attribute_of(const enum bpmn_kind *classes, unsigned n, struct od_str name)
{
    for (size_t i = 0; i < OD_LEN(attributes); i++)
        for (unsigned k = 0; k < n; k++)
            if (attributes[i].class_ == classes[k] && od_str_eq_c(name, attributes[i].name))
                return &attributes[i];
    return NULL;
}

/* NCName as far as ASCII goes; what letters are elsewhere is left to those who write them. */
static bool is_id(struct od_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        bool letter = ch >= 0x80 || ch == '_' || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        if (!letter && (i == 0 || !((ch >= '0' && ch <= '9') || ch == '-' || ch == '.')))
            return false;
    }
    return s.n > 0;
}

static bool is_among(struct od_str s, const char *words)
{
    struct od_str rest = od_str_c(words);
    while (rest.n)
        if (od_str_eq(od_str_cut(&rest, '|'), s))
            return true;
    return false;
}

static bool is_of_type(struct od_str value, const char *type)
{
    int64_t ignored;
    if (type == ANY)
        return true;
    if (type == ID || type == IDREF)
        return is_id(od_str_trim(value));
    if (type == BOOLEAN)
        return is_among(od_str_trim(value), "true|false|1|0");
    if (type == INTEGER) {
        value = od_str_trim(value);
        if (value.n > 1 && value.p[0] == '+')
            value = (struct od_str){value.p + 1, value.n - 1};
        return od_str_int(value, INT64_MIN, INT64_MAX, &ignored);
    }
    return is_among(value, type);
}

void lint_schema_attributes(struct lint_ctx *c, const struct xml_node *n)
{
    enum bpmn_kind classes[CLASSES_MAX];
    unsigned n_classes = classes_of(n, classes);
    for (unsigned i = 0; i < n->n_attrs && n->kind != BPMN_UNKNOWN; i++) {
        const struct xml_attr *a = &n->attrs[i];
        const struct attribute *row = a->ns == XML_NS_NONE ? attribute_of(classes, n_classes, a->name) : NULL;
        if (a->ns == XML_NS_BPMN || (a->ns == XML_NS_NONE && !row))
            lint_tell(c, n, "has no attribute " OD_STR_FMT, OD_STR_ARG(a->qname));
        else if (row && row->type != ID && row->type != IDREF && !is_of_type(a->value, row->type))
            lint_tell(c, n, "%s is \"" OD_STR_FMT "\", which is not %s%s", row->name, OD_STR_ARG(a->value),
                      strchr(row->type, '|') ? "one of " : "", row->type);
    }
}

void lint_schema_required(struct lint_ctx *c, const struct xml_node *n)
{
    enum bpmn_kind classes[CLASSES_MAX];
    unsigned n_classes = classes_of(n, classes);
    if (n->kind == BPMN_UNKNOWN)
        return;
    for (unsigned i = 0; i < n->n_attrs; i++) {
        const struct xml_attr *a = &n->attrs[i];
        const struct attribute *row = a->ns == XML_NS_NONE ? attribute_of(classes, n_classes, a->name) : NULL;
        if (row && (row->type == ID || row->type == IDREF) && !is_of_type(a->value, row->type))
            lint_tell(c, n, "%s is \"" OD_STR_FMT "\", which is not %s", row->name, OD_STR_ARG(a->value), row->type);
    }
    for (size_t i = 0; i < OD_LEN(attributes); i++)
        for (unsigned k = 0; k < n_classes; k++)
            if (attributes[i].class_ == classes[k] && attributes[i].must == MUST && !xml_attr(n, attributes[i].name).p)
                lint_tell(c, n, "needs the attribute %s", attributes[i].name);
}
