# What the nodes of a lexbor tree look like in memory, as far as it is read here. Nothing may rely
# on it before lexbor_names has compared it with what selectolax says of a tree: another release
# may arrange them otherwise.

from libc.string cimport memcmp

cdef extern from *:
    """
    #include <stddef.h>

    typedef struct adsift_node adsift_node;
    struct adsift_node {
        void *listeners;
        size_t local_name, prefix, ns;
        void *document;
        adsift_node *next, *prev, *parent, *first_child, *last_child;
        void *user;
        int type;
    };

    typedef struct { const unsigned char *data; size_t length; } adsift_bytes;

    typedef struct adsift_attribute adsift_attribute;
    struct adsift_attribute {
        adsift_node node;
        size_t upper_name, qualified_name;
        adsift_bytes *value;
        void *owner;
        adsift_attribute *next, *prev;
    };

    typedef struct {
        adsift_node node;
        size_t upper_name, qualified_name;
        adsift_bytes *is_value;
        adsift_attribute *first_attribute, *last_attribute, *id, *classes;
        void *style, *rules;
        int condition, custom_state;
    } adsift_element;

    typedef struct { adsift_element element; adsift_node *content; } adsift_template;
    typedef struct { adsift_node node; adsift_bytes data; } adsift_character_data;
    typedef struct { adsift_character_data data; adsift_bytes target; } adsift_instruction;
    typedef struct { adsift_node node; size_t name; } adsift_doctype;

    /* A name that is not one of lexbor's own table: its identifier is the address of this. */
    enum { ADSIFT_SHORT_NAME = 16 };
    typedef struct {
        union { const unsigned char *elsewhere; unsigned char here[ADSIFT_SHORT_NAME + 1]; } text;
        size_t length;
    } adsift_name;

    static inline const unsigned char *adsift_name_text(const adsift_name *name) {
        return name->length <= ADSIFT_SHORT_NAME ? name->text.here : name->text.elsewhere;
    }
    """
    ctypedef struct Node "adsift_node":
        size_t local_name
        size_t ns
        void *document
        Node *next
        Node *prev
        Node *parent
        Node *first_child
        Node *last_child
        int type

    ctypedef struct Bytes "adsift_bytes":
        const unsigned char *data
        size_t length

    ctypedef struct Attribute "adsift_attribute":
        Node node
        size_t qualified_name
        Bytes *value
        Attribute *next
        Attribute *prev

    ctypedef struct Element "adsift_element":
        Node node
        size_t qualified_name
        Bytes *is_value
        Attribute *first_attribute
        Attribute *last_attribute

    ctypedef struct Template "adsift_template":
        Element element
        Node *content

    ctypedef struct CharacterData "adsift_character_data":
        Node node
        Bytes data

    ctypedef struct Instruction "adsift_instruction":
        CharacterData data
        Bytes target

    ctypedef struct Doctype "adsift_doctype":
        Node node
        size_t name

    ctypedef struct LongName "adsift_name":
        size_t length

    size_t SHORT_NAME "ADSIFT_SHORT_NAME"
    const unsigned char *name_text "adsift_name_text"(const LongName *name) nogil


cdef enum:
    ELEMENT = 1
    TEXT = 3
    INSTRUCTION = 7
    COMMENT = 8
    DOCUMENT = 9
    DOCTYPE = 10
    FRAGMENT = 11


cdef inline bint has_value(const Attribute *attribute) noexcept:
    return (
        attribute != NULL and attribute.value != NULL
        and attribute.value.data != NULL and attribute.value.length > 0
    )


cdef inline bint same_value(const Attribute *one, const Attribute *other) noexcept:
    """Whether both have the same value, or neither has any."""
    if not has_value(one) or not has_value(other):
        return has_value(one) == has_value(other)
    return one.value.length == other.value.length and (
        memcmp(one.value.data, other.value.data, one.value.length) == 0
    )
