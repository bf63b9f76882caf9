/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Tokens: got, copied, cached, shared between threads, and how long they live.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

TEST(token_tells_its_length_and_its_times)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = token_of(auth, NULL);
  size_t length = 0;
  const char *value = batch_token_value(token, &length);
  int64_t acquired = batch_token_acquired_on(token);

  CHECK_INT(length, strlen(value));
  CHECK(length > 1000); /* as long as real ones */
  CHECK(batch_token_value(token, NULL) == value);
  CHECK(acquired > 1767225600);
  CHECK(batch_token_refresh_on(token) > acquired);
  CHECK(batch_token_refresh_on(token) < batch_token_expires_on(token));
  CHECK(batch_token_expires_on(token) <= acquired + 3600);
  CHECK(batch_token_expires_on(token) >= acquired + 3590);
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(claims_are_json_with_its_length)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = token_of(auth, NULL);
  size_t length = 0;
  const char *claims = batch_token_claims(token, &length);

  CHECK_INT(length, strlen(claims));
  CHECK(json_is_valid(claims, length));
  CHECK_HAS(claims, "\"exp\":");
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(cached_token_is_served_without_a_request)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *first = token_of(auth, NULL);
  batch_token_t *second = token_of(auth, NULL);

  check_same(first, second, 1);
  CHECK_INT(token_requests(), 1);
  batch_token_free(first);
  batch_token_free(second);
  batch_auth_free(auth);
}

TEST(force_refresh_asks_for_a_new_token_which_is_served_from_then_on)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *first = token_of(auth, NULL), *second, *third;
  batch_call_options_t call;

  batch_call_options_init(&call, sizeof call);
  call.flags = BATCH_CALL_FORCE_REFRESH;
  second = token_of(auth, &call);
  third = token_of(auth, NULL);
  check_same(first, second, 0);
  check_same(second, third, 1);
  CHECK_INT(token_requests(), 2);
  batch_token_free(first);
  batch_token_free(second);
  batch_token_free(third);
  batch_auth_free(auth);
}

TEST(no_io_is_pending_on_a_cold_auth_and_serves_a_warm_one)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = UNTOUCHED(batch_error_t);
  batch_call_options_t call;
  char buffer[8] = "xxxxxxx";
  size_t length = 7;
  int64_t expires_on = 7;

  batch_call_options_init(&call, sizeof call);
  call.flags = BATCH_CALL_NO_IO;
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_PENDING);
  CHECK(token == NULL && err == NULL);
  CHECK_INT(batch_copy_token(auth, &call, buffer, sizeof buffer, &length, &expires_on, &err), BATCH_PENDING);
  CHECK_STR(buffer, "");
  CHECK(length == 0 && expires_on == 0 && err == NULL);
  CHECK_INT(emulator_requests("", ""), 0);

  batch_token_free(token_of(auth, NULL));
  token = token_of(auth, &call);
  batch_token_free(token);
  call.flags = BATCH_CALL_NO_IO | BATCH_CALL_FORCE_REFRESH;
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_PENDING);
  CHECK(token == NULL);
  CHECK_INT(token_requests(), 1);
  batch_auth_free(auth);
}

TEST(copy_fills_a_buffer_of_the_exact_size)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = token_of(auth, NULL);
  batch_error_t *err = NULL;
  size_t length = 0, needed = 0;
  int64_t expires_on = 0;
  char *buffer;

  (void)batch_token_value(token, &needed);
  buffer = (char *)malloc(needed + 1);
  CHECK(buffer != NULL);
  CHECK_OK(batch_copy_token(auth, NULL, buffer, needed + 1, &length, &expires_on, &err), err);
  CHECK_STR(buffer, batch_token_value(token, NULL));
  CHECK_INT(length, needed);
  CHECK_INT(expires_on, batch_token_expires_on(token));
  CHECK_INT(token_requests(), 1);
  free(buffer);
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(buffer_one_byte_too_small_gets_nothing_but_the_length)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = token_of(auth, NULL);
  batch_error_t *err = NULL;
  size_t length = 0, needed = 0;
  int64_t expires_on = 7;
  char *buffer;

  (void)batch_token_value(token, &needed);
  buffer = (char *)malloc(needed);
  CHECK(buffer != NULL);
  memset(buffer, 'x', needed);
  CHECK_INT(batch_copy_token(auth, NULL, buffer, needed, &length, &expires_on, &err),
            BATCH_E_BUFFER_TOO_SMALL);
  CHECK_STR(buffer, "");
  CHECK(buffer[1] == 'x' && buffer[needed - 1] == 'x');
  CHECK_INT(length, needed);
  CHECK_INT(expires_on, 0);
  CHECK_ERROR(err, BATCH_E_BUFFER_TOO_SMALL, NULL, 0, FINAL, NO_ID, "buffer", "out_len");
  free(buffer);
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(length_is_asked_for_without_a_buffer)
{
  batch_auth_t *auth = reader(NULL);
  batch_error_t *err = NULL;
  size_t length = 0;

  CHECK_INT(batch_copy_token(auth, NULL, NULL, 0, &length, NULL, &err), BATCH_E_BUFFER_TOO_SMALL);
  CHECK(length > 1000);
  batch_error_free(err);
  batch_auth_free(auth);
}

TEST(copy_takes_null_for_every_output_it_need_not_have)
{
  batch_auth_t *auth = reader(NULL);
  char *buffer = (char *)malloc(16384);

  CHECK(buffer != NULL);
  CHECK_INT(batch_copy_token(auth, NULL, buffer, 16384, NULL, NULL, NULL), BATCH_OK);
  CHECK(strlen(buffer) > 1000);
  CHECK_INT(batch_copy_token(auth, NULL, NULL, 0, NULL, NULL, NULL), BATCH_E_BUFFER_TOO_SMALL);
  free(buffer);
  batch_auth_free(auth);
}

TEST(null_buffer_with_a_capacity_is_refused)
{
  batch_auth_t *auth = reader(NULL);
  batch_error_t *err = NULL;
  size_t length = 7;

  CHECK_INT(batch_copy_token(auth, NULL, NULL, 16384, &length, NULL, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(length, 0);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "buffer is NULL", NULL);
  CHECK_INT(emulator_requests("", ""), 0);
  batch_auth_free(auth);
}

/* --------------------------------------------------------- threads, lifetime */
typedef struct crowd {
  batch_auth_t *auth;
  gate_t *gate;
} crowd_t;

static void get_in_a_crowd(void *argument)
{
  const crowd_t *crowd = (const crowd_t *)argument;

  gate_pass(crowd->gate);
  batch_token_free(token_of(crowd->auth, NULL));
}

TEST(threads_on_a_cold_auth_share_one_request)
{
  enum { THREADS = 16 };
  worker_t *workers[THREADS];
  crowd_t crowd;
  int i;

  crowd.auth = reader(NULL);
  crowd.gate = gate_new(THREADS);
  for (i = 0; i < THREADS; i++)
    workers[i] = worker_start(get_in_a_crowd, &crowd);
  for (i = 0; i < THREADS; i++)
    worker_join(workers[i]);
  CHECK_INT(token_requests(), 1);
  gate_free(crowd.gate);
  batch_auth_free(crowd.auth);
}

static void fail_in_a_crowd(void *argument)
{
  const crowd_t *crowd = (const crowd_t *)argument;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  gate_pass(crowd->gate);
  CHECK_INT(batch_get_token(crowd->auth, NULL, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, "AADSTS7000215", 401, FINAL, HAS_ID, "secret", "Value");
}

/* Each gets an error of its own to free. */
TEST(failure_is_told_to_every_thread_that_waits)
{
  enum { THREADS = 8 };
  worker_t *workers[THREADS];
  batch_auth_options_t options;
  batch_error_t *err = NULL;
  crowd_t crowd;
  int i;

  emulator_options(&options);
  CHECK_OK(batch_auth_new_client_secret(emulator("TENANT"), emulator("CLIENT_ID"), "wrong", &options,
                                        &crowd.auth, &err),
           err);
  crowd.gate = gate_new(THREADS);
  for (i = 0; i < THREADS; i++)
    workers[i] = worker_start(fail_in_a_crowd, &crowd);
  for (i = 0; i < THREADS; i++)
    worker_join(workers[i]);
  gate_free(crowd.gate);
  batch_auth_free(crowd.auth);
}

TEST(failure_is_not_kept)
{
  batch_auth_options_t options;
  batch_auth_t *auth;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  emulator_options(&options);
  options.max_retries = 0;
  auth = reader(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"status\",\"status\":503}}");
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_SERVICE);
  batch_error_free(err);
  err = NULL;
  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK_INT(token_requests(), 2);
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(token_outlives_its_auth)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = token_of(auth, NULL);

  batch_auth_free(auth);
  CHECK(strlen(batch_token_value(token, NULL)) > 1000);
  CHECK_HAS(batch_token_claims(token, NULL), "aud");
  batch_token_free(token);
}

TEST(retained_auth_lives_until_its_last_count_is_given_back)
{
  batch_auth_t *auth = reader(NULL);

  CHECK(batch_auth_retain(auth) == auth);
  CHECK(batch_auth_retain(auth) == auth);
  batch_auth_free(auth);
  batch_token_free(token_of(auth, NULL));
  batch_auth_free(auth);
  batch_token_free(token_of(auth, NULL));
  CHECK_INT(token_requests(), 1);
  batch_auth_free(auth);
}

TEST(replaced_token_stays_good_in_the_hand_that_holds_it)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *first = token_of(auth, NULL);
  char *value = text_of("%s", batch_token_value(first, NULL));
  batch_call_options_t call;

  batch_call_options_init(&call, sizeof call);
  call.flags = BATCH_CALL_FORCE_REFRESH;
  batch_token_free(token_of(auth, &call));
  CHECK_STR(batch_token_value(first, NULL), value);
  free(value);
  batch_token_free(first);
  batch_auth_free(auth);
}

TEST(auths_share_no_tokens)
{
  batch_auth_t *one = reader(NULL), *other = reader(NULL);
  batch_token_t *first = token_of(one, NULL), *second = token_of(other, NULL);

  check_same(first, second, 0);
  CHECK_INT(token_requests(), 2);
  batch_token_free(first);
  batch_token_free(second);
  batch_auth_free(one);
  batch_auth_free(other);
}

/* Renewed behind the caller's back, so that nobody waits for it. */
TEST(token_due_for_renewal_is_served_while_the_next_is_fetched)
{
  batch_auth_options_t options;
  batch_auth_t *auth;
  batch_token_t *first, *second;

  emulator_options(&options);
  options.refresh_margin_s = 3600; /* due at once */
  emulator_fault("{\"listener\":\"entra\",\"times\":1,\"fault\":{\"kind\":\"token\",\"expires_in\":1800}}");
  auth = reader(&options);
  first = token_of(auth, NULL);
  emulator_fault("{\"listener\":\"entra\",\"times\":0,\"fault\":{\"kind\":\"hang\"}}");
  second = token_of(auth, NULL);
  check_same(first, second, 1);
  emulator_wait("entra", "/token", 2);
  emulator_clear_faults();
  batch_token_free(first);
  batch_token_free(second);
  batch_auth_free(auth);
}

HARNESS_MAIN(RUN(token_tells_its_length_and_its_times), RUN(claims_are_json_with_its_length),
             RUN(cached_token_is_served_without_a_request),
             RUN(force_refresh_asks_for_a_new_token_which_is_served_from_then_on),
             RUN(no_io_is_pending_on_a_cold_auth_and_serves_a_warm_one),
             RUN(copy_fills_a_buffer_of_the_exact_size),
             RUN(buffer_one_byte_too_small_gets_nothing_but_the_length),
             RUN(length_is_asked_for_without_a_buffer), RUN(copy_takes_null_for_every_output_it_need_not_have),
             RUN(null_buffer_with_a_capacity_is_refused), RUN(threads_on_a_cold_auth_share_one_request),
             RUN(failure_is_told_to_every_thread_that_waits), RUN(failure_is_not_kept),
             RUN(token_outlives_its_auth), RUN(retained_auth_lives_until_its_last_count_is_given_back),
             RUN(replaced_token_stays_good_in_the_hand_that_holds_it), RUN(auths_share_no_tokens),
             RUN(token_due_for_renewal_is_served_while_the_next_is_fetched))
