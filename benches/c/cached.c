/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The token of a warm cache, over and over: prints the nanoseconds of one call on each thread, and
 * the token's length.
 *
 *   cached get|copy|by-hand-get|by-hand-copy MILLISECONDS THREADS
 *
 * get includes the token's free. The by-hand ways handle a token of the same length.
 */
#include "bench.h"
#include "by_hand_token.h"

#include <pthread.h>
#include <string.h>

enum { BATCH = 1000, MOST_THREADS = 64 }; /* BATCH: calls between two looks at the clock */

typedef int (*call_fn)(void);

typedef struct worker {
  pthread_t thread;
  call_fn call;
  double span_s;
  double ns_a_call;
} worker_t;

static batch_auth_t *the_auth;

static int get(void)
{
  batch_token_t *token = NULL;
  batch_status_t status = batch_get_token(the_auth, NULL, &token, NULL);

  batch_token_free(token);
  return status == BATCH_OK;
}

static int copy(void)
{
  char buffer[4096];
  size_t length = 0;

  return batch_copy_token(the_auth, NULL, buffer, sizeof buffer, &length, NULL, NULL) == BATCH_OK;
}

static int hand_get(void)
{
  by_hand_token_t *token = by_hand_get();

  if (token == NULL)
    return 0;
  by_hand_free(token);
  return 1;
}

static int hand_copy(void)
{
  char buffer[4096];

  return by_hand_copy(buffer, sizeof buffer) > 0;
}

static void *work(void *argument)
{
  worker_t *worker = argument;
  double started = seconds(CLOCK_MONOTONIC), elapsed;
  double calls = 0;

  do {
    int i;
    for (i = 0; i < BATCH; i++) {
      if (!worker->call()) {
        fprintf(stderr, "a call gave no token\n");
        exit(1);
      }
    }
    calls += BATCH;
    elapsed = seconds(CLOCK_MONOTONIC) - started;
  } while (elapsed < worker->span_s);
  worker->ns_a_call = elapsed * 1e9 / calls;
  return NULL;
}

static call_fn call_of(const char *name)
{
  static const struct { const char *name; call_fn call; } ways[] = {
    { "get", get }, { "copy", copy }, { "by-hand-get", hand_get }, { "by-hand-copy", hand_copy },
  };
  size_t i;

  for (i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    if (strcmp(name, ways[i].name) == 0)
      return ways[i].call;
  }
  return NULL;
}

int main(int argc, char **argv)
{
  worker_t workers[MOST_THREADS];
  int i, threads = argc == 4 ? atoi(argv[3]) : 0;
  call_fn call = argc == 4 ? call_of(argv[1]) : NULL;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;
  size_t length = 0;
  double sum = 0;

  if (call == NULL || threads < 1 || threads > MOST_THREADS) {
    fprintf(stderr, "usage: %s get|copy|by-hand-get|by-hand-copy MILLISECONDS THREADS\n", argv[0]);
    return 2;
  }
  the_auth = new_auth();
  expect(batch_get_token(the_auth, NULL, &token, &err), BATCH_OK, &err);
  batch_token_value(token, &length);
  batch_token_free(token);
  by_hand_set(length);

  for (i = 0; i < threads; i++) {
    workers[i] = (worker_t){ .call = call, .span_s = atof(argv[2]) / 1000 };
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
      return 1;
  }
  for (i = 0; i < threads; i++) {
    pthread_join(workers[i].thread, NULL);
    sum += workers[i].ns_a_call;
  }
  printf("%.2f %zu\n", sum / threads, length);
  batch_auth_free(the_auth);
  return 0;
}
