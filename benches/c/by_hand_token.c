/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * See by_hand_token.h. A file of its own, so that each call is a call, as it is into a library.
 */
#include "by_hand_token.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct by_hand_token {
  atomic_size_t references;
  time_t expires_on;
  size_t length;
  char value[];
};

static _Atomic(by_hand_token_t *) current;

void by_hand_set(size_t length)
{
  by_hand_token_t *token = malloc(sizeof *token + length + 1);

  if (token == NULL)
    abort();
  atomic_init(&token->references, 1);
  token->expires_on = time(NULL) + 3600;
  token->length = length;
  memset(token->value, 'x', length);
  token->value[length] = '\0';
  atomic_store_explicit(&current, token, memory_order_release);
}

by_hand_token_t *by_hand_get(void)
{
  by_hand_token_t *token = atomic_load_explicit(&current, memory_order_acquire);
  struct timespec now;

  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec >= token->expires_on)
    return NULL;
  atomic_fetch_add_explicit(&token->references, 1, memory_order_relaxed);
  return token;
}

void by_hand_free(by_hand_token_t *token)
{
  if (atomic_fetch_sub_explicit(&token->references, 1, memory_order_release) == 1) {
    atomic_thread_fence(memory_order_acquire);
    free(token);
  }
}

size_t by_hand_copy(char *buffer, size_t capacity)
{
  by_hand_token_t *token = by_hand_get();
  size_t length;

  if (token == NULL)
    return 0;
  length = token->length < capacity ? token->length : 0;
  if (length > 0)
    memcpy(buffer, token->value, length + 1);
  by_hand_free(token);
  return length;
}
