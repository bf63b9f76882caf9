/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The least that a cached token costs: one atomic load, one look at the coarse clock, one reference
 * count. Nothing here would survive a renewal at the same moment, which a library has to: this is a
 * limit, not a way to do it.
 */
#ifndef BY_HAND_TOKEN_H
#define BY_HAND_TOKEN_H

#include <stddef.h>

typedef struct by_hand_token by_hand_token_t;

/* Puts a token of `length` bytes, good for an hour, into the one place there is. */
void by_hand_set(size_t length);

/* The token, counted; NULL where it has expired. */
by_hand_token_t *by_hand_get(void);

void by_hand_free(by_hand_token_t *token);

/* The same, copied with its NUL; its length, 0 where it does not fit. */
size_t by_hand_copy(char *buffer, size_t capacity);

#endif
