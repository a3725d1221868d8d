/* Characters of UTF-8, and texts whose white space is of no account: what is asked for each byte
   of a page, so that a call would cost more than it does. */

#ifndef ADSIFT_CHARACTERS_H
#define ADSIFT_CHARACTERS_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

enum {
    ADSIFT_LETTER = 0,  /* whatever is no other */
    ADSIFT_SPACE = 1,   /* what Python's str.isspace() takes for one, if it is ASCII */
    ADSIFT_BEYOND = 2   /* part of a character that is not ASCII */
};

static const unsigned char adsift_kinds[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1,
    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
};

/* A character of UTF-8; 0 for what is none (and for NUL, which is asked for nowhere). */
static inline Py_UCS4 adsift_character(
    const unsigned char *at, const unsigned char *end, int *width
) {
    Py_ssize_t left = end - at;
    Py_UCS4 first = at[0], c;
    if (first >= 0xC2 && first < 0xE0) {
        if (left < 2 || (at[1] & 0xC0) != 0x80) return 0;
        *width = 2;
        return (first & 0x1F) << 6 | (at[1] & 0x3F);
    }
    if (first >= 0xE0 && first < 0xF0) {
        if (left < 3 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80) return 0;
        c = (first & 0x0F) << 12 | (at[1] & 0x3F) << 6 | (at[2] & 0x3F);
        if (c < 0x800 || (c >= 0xD800 && c < 0xE000)) return 0;
        *width = 3;
        return c;
    }
    if (first >= 0xF0 && first < 0xF5) {
        if (left < 4 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80
            || (at[3] & 0xC0) != 0x80) return 0;
        c = (first & 0x07) << 18 | (Py_UCS4) (at[1] & 0x3F) << 12
            | (at[2] & 0x3F) << 6 | (at[3] & 0x3F);
        if (c < 0x10000 || c > 0x10FFFF) return 0;
        *width = 4;
        return c;
    }
    return 0;
}

static inline int adsift_is_zero_width(Py_UCS4 character) {
    switch (character) {
        case 0xAD: case 0x200B: case 0x200C: case 0x200D: case 0x2060: case 0xFEFF: return 1;
        default: return 0;
    }
}

static inline int adsift_is_ascii(const unsigned char *data, size_t length) {
    unsigned char together = 0;
    size_t i;
    for (i = 0; i < length; i++)
        together |= data[i];
    return together < 128;
}

/* How many spaces come first, down to a multiple of eight: pages are indented. */
static inline size_t adsift_skip_spaces(const unsigned char *at, const unsigned char *end) {
    const unsigned char *start = at;
    while (end - at >= 8 && memcmp(at, "        ", 8) == 0)
        at += 8;
    return at - start;
}

/* Copies words of bytes from "!" to "~", single spaces between them, eight bytes at a time. The
   first byte is one of a word, and so is the last that is copied; up to seven more are written.

   Returns how many, and in `spaces` how many of these are spaces. */
static inline size_t adsift_copy_words(
    const unsigned char *at, const unsigned char *end, unsigned char *out, size_t *spaces
) {
    const unsigned char *start = at;
    int after_space = 0, ended = 0;
    *spaces = 0;
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const uint64_t ones = 0x0101010101010101u, highest = 0x80 * ones;
    while (!ended && end - at >= 8) {
        uint64_t eight, space, stop;
        int before = 64;
        memcpy(&eight, at, 8);
        memcpy(out, &eight, 8);
        space = eight ^ 0x20 * ones;
        space = ~(((space & ~highest) + ~highest) | space | ~highest);
        /* What is carried to the next byte is of no account: the first that is another tells. */
        stop = ((eight - 0x20 * ones) | (eight + ones) | eight) & highest;
        stop |= space & (space << 8 | (after_space ? 0x80 : 0));
        if (stop) {
            before = __builtin_ctzll(stop) & ~7;
            space &= ((uint64_t) 1 << before) - 1;
        }
        *spaces += ((space >> 7) * ones) >> 56;
        at += before / 8;
        out += before / 8;
        after_space = space >> 63;
        ended = stop != 0;
    }
#endif
    while (!ended && at < end && (*at - 0x21u < 0x5e || (*at == ' ' && !after_space))) {
        after_space = *at == ' ';
        *spaces += after_space;
        *out++ = *at++;
    }
    if (at > start && at[-1] == ' ') {
        at--;
        --*spaces;
    }
    return at - start;
}

/* Whether a text has no character that a reader could see. */
static inline int adsift_is_blank(const unsigned char *at, size_t length) {
    const unsigned char *end = at + length;
    Py_UCS4 character;
    int width = 0;
    while (at < end) {
        if (adsift_kinds[*at] == ADSIFT_SPACE) {
            at++;
            at += adsift_skip_spaces(at, end);
        } else if (adsift_kinds[*at] == ADSIFT_LETTER) {
            return 0;
        } else {
            character = adsift_character(at, end, &width);
            /* What is no character is read as one that can be seen. */
            if (!character || !(adsift_is_zero_width(character) || Py_UNICODE_ISSPACE(character)))
                return 0;
            at += width;
        }
    }
    return 1;
}

#endif
