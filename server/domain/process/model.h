/* SPDX-License-Identifier: Apache-2.0
 * A BPMN 2.0 model as it was drawn: the tree, every element's class, ids, resolved references, what flows where. Read-only
 * once it is built; the linter, the compiler and the picture work on it. Everything lies in the caller's arena. */
#ifndef PROCESS_MODEL_H
#define PROCESS_MODEL_H

#include "server/domain/process/xml.h"

enum { MODEL_DEFINITIONS_MAX = 32 }; /* event definitions of one event that are looked at */

enum bpmn_kind {
    BPMN_NONE, /* not of the BPMN namespace, or inside of extensionElements */
    BPMN_UNKNOWN,
#define K(sym, name, parent) BPMN_##sym,
#include "server/domain/process/kinds.def"
#undef K
    BPMN_KINDS
};

const char *bpmn_kind_name(enum bpmn_kind kind);            /* "userTask"; "" for an abstract class */
enum bpmn_kind bpmn_kind_parent(enum bpmn_kind kind);       /* the class above it; BPMN_BASE is its own */
enum bpmn_kind bpmn_kind_from_name(struct od_str name);     /* BPMN_UNKNOWN */
bool bpmn_is(const struct xml_node *n, enum bpmn_kind class_); /* n may be NULL; a class contains itself */

/* A sequence flow at one of its ends. */
struct model_end {
    struct xml_node *flow;
    struct model_end *next;
};

struct model_node {
    struct model_end *in, *out;       /* sequence flows by their sourceRef and targetRef, document order */
    bool has_start, has_end;          /* of a process or sub-process: start and end events directly in it */
    struct xml_node *boundary;        /* first boundary event attached here; of a boundary event: the next one of its host */
};

struct model_id;

/* One file: the model itself or one that it imports. */
struct model_file {
    struct xml_doc doc;
    struct od_str namespace_uri;      /* targetNamespace */
    struct xml_node **elements;       /* those of the BPMN namespace, document order */
    unsigned n_elements;
    struct model_id *ids;             /* open addressing, a power of two */
    unsigned id_mask;
    struct xml_node **duplicate_ids;  /* every element whose id stood before */
    unsigned n_duplicates;
};

enum model_import_state { IMPORT_READ, IMPORT_MISSING, IMPORT_BROKEN, IMPORT_FOREIGN, IMPORT_NOT_SOUGHT };

struct model_import {
    struct xml_node *node;
    enum model_import_state state;
    struct od_str namespace_uri;
    struct model_file *file;          /* a BPMN file that was read */
};

/* Gives the bytes of an imported file, in the arena; anything but OD_OK means that it is not there. */
struct model_loader {
    enum od_status (*load)(void *ctx, struct od_str location, struct od_arena *arena, struct od_str *ret_bytes);
    void *ctx;
};

struct model {
    struct od_arena *arena;
    struct model_file file;
    struct model_node *nodes;         /* by xml_node.ordinal of the file itself */
    struct model_import *imports;
    unsigned n_imports;
};

/* Reads a model. A loader of NULL seeks no imports. OD_R_MODEL_MALFORMED or OD_R_LIMIT_EXCEEDED; a tree that is not BPMN is
 * not refused here (the linter says so). */
enum od_status model_read(struct od_str input, const struct model_loader *loader, struct od_arena *arena,
                          struct model **ret_model, struct od_err *err);

/* The element of an id or a qualified name written at `at`; NULL if there is none. */
struct xml_node *model_find(const struct model *m, const struct xml_node *at, struct od_str ref);
struct xml_node *model_ref(const struct model *m, const struct xml_node *n, const char *attribute);

struct od_str model_id_of(const struct xml_node *n);
struct od_str model_name_of(const struct xml_node *n);      /* the name, or the id where there is none */

const struct model_node *model_node(const struct model *m, const struct xml_node *n);
unsigned model_count(const struct model_end *ends);
struct xml_node *model_source(const struct model *m, const struct xml_node *flow);
struct xml_node *model_target(const struct model *m, const struct xml_node *flow);
struct xml_node *model_next_boundary(const struct model *m, const struct xml_node *boundary);

/* The nearest ancestor of a class, n itself not counted; NULL if there is none. */
struct xml_node *model_above(const struct xml_node *n, enum bpmn_kind class_);
/* The process, sub-process or choreography that a flow element lies in. */
struct xml_node *model_scope(const struct xml_node *n);
bool model_is_executable(const struct xml_node *n);         /* inside of a process with isExecutable="true" */
bool model_is_event_sub_process(const struct xml_node *n);
bool model_flag(const struct xml_node *n, const char *attribute, bool by_default);

/* Children of a class in document order: first one, and the one after n. */
struct xml_node *model_first(const struct xml_node *parent, enum bpmn_kind class_);
struct xml_node *model_next(const struct xml_node *n, enum bpmn_kind class_);
unsigned model_count_children(const struct xml_node *parent, enum bpmn_kind class_);

/* Event definitions of an event, its own and those that it references; at most max are stored, all are counted. */
unsigned model_event_definitions(const struct model *m, const struct xml_node *event, struct xml_node **out, unsigned max);

#endif
