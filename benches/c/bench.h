/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the C programs share: an auth for the emulator, which EMULATOR_* variables describe, clocks,
 * and an end with status 1 and a reason where something fails: a figure of a failed call is none.
 *
 * BENCH_CA names a PEM file of roots that take the place of the system's store.
 */
#ifndef BENCH_H
#define BENCH_H

#include "batch_auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline const char *required_env(const char *name)
{
  const char *value = getenv(name);

  if (value == NULL) {
    fprintf(stderr, "%s is not set: run it through benches/run\n", name);
    exit(1);
  }
  return value;
}

/* `err` by its address: the call that fills it is an argument beside it. */
static inline void expect(batch_status_t got, batch_status_t wanted, batch_error_t *const *err)
{
  if (got == wanted)
    return;
  fprintf(stderr, "%s: %s\n", batch_status_name(got), *err != NULL ? batch_error_message(*err) : "");
  exit(1);
}

static inline batch_auth_t *new_auth(void)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;

  batch_auth_options_init(&options, sizeof options);
  options.authority_host = required_env("EMULATOR_ENTRA");
  options.ca_bundle_path = getenv("BENCH_CA");
  expect(batch_auth_new_client_secret(required_env("EMULATOR_TENANT"),
                                      required_env("EMULATOR_CLIENT_ID"),
                                      required_env("EMULATOR_CLIENT_SECRET"), &options, &auth, &err),
         BATCH_OK, &err);
  return auth;
}

static inline double seconds(clockid_t clock)
{
  struct timespec now;

  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#endif
