/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Services that are busy or slow: what is tried again, how long the service's own wish to be left
 * alone is honoured, and that every call ends by its deadline.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------- retries */
static void check_reset_is_retried(const char *kind, const char *when)
{
  batch_auth_options_t options;

  emulator_options(&options);
  emulator_forget_requests();
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"%s\",\"when\":\"%s\"}}", kind, when);
  check_token(&options, 2);
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"%s\",\"when\":\"%s\"}}", kind, when);
  check_jobs(&options, 2);
}

TEST(connection_that_is_reset_is_tried_again)
{
  check_reset_is_retried("reset", "before_headers");
}

TEST(connection_that_breaks_off_in_the_body_is_tried_again)
{
  check_reset_is_retried("close", "mid_body");
}

TEST(reset_without_retries_is_a_network_error)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"reset\",\"when\":\"before_headers\"}}");
  err = token_failure(&options, BATCH_E_NETWORK);
  CHECK_ERROR(err, BATCH_E_NETWORK, NULL, 0, RETRYABLE, HAS_ID, "broke off", "Try again");
  CHECK_INT(emulator_requests("entra", "/token"), 1);
}

TEST(busy_services_are_asked_again_with_the_same_request_id)
{
  batch_auth_options_t options;
  char *journal;
  const char *id, *again;

  emulator_options(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":"
                 "{\"kind\":\"status\",\"status\":503,\"retry_after\":\"0\"}}");
  check_token(&options, 2);
  journal = emulator_journal();
  id = strstr(journal, "\"client-request-id\",\"");
  CHECK(id != NULL);
  again = strstr(id + 1, "\"client-request-id\",\"");
  CHECK(again != NULL && strncmp(id, again, 21 + 36) == 0);
  free(journal);
}

TEST(short_retry_after_is_honoured_in_each_of_its_forms)
{
  batch_auth_options_t options;

  emulator_options(&options);
  options.max_retries = 1;
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"status\",\"status\":429,\"retry_after\":\"0\"}}");
  check_token(&options, 2);
  emulator_fault("{\"listener\":\"batch\",\"fault\":"
                 "{\"kind\":\"status\",\"status\":429,\"retry_after_ms_header\":\"5\",\"retry_after\":\"9999\"}}");
  check_jobs(&options, 2);
  emulator_forget_requests();
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"status\",\"status\":503,"
                 "\"retry_after\":\"Thu, 01 Jan 2026 00:00:00 GMT\"}}");
  check_jobs(&options, 2);
}

/* More than the call has: it is not waited for, but told. */
TEST(long_retry_after_is_told_at_once)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"status\",\"status\":429,\"retry_after\":\"3600\"}}");
  err = token_failure(&options, BATCH_E_THROTTLED);
  CHECK_INT(batch_error_retry_after_ms(err), 3600000);
  CHECK_HAS(batch_error_json(err, NULL), "\"retry_after_ms\":3600000");
  CHECK_ERROR(err, BATCH_E_THROTTLED, "AADSTS90055", 429, RETRYABLE, HAS_ID, "request limit", "Wait");
  CHECK_INT(emulator_requests("entra", "/token"), 1);

  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"status\",\"status\":429,\"retry_after\":\"3600\"}}");
  err = jobs_failure(&options, BATCH_E_THROTTLED);
  CHECK_INT(batch_error_retry_after_ms(err), 3600000);
  CHECK_ERROR(err, BATCH_E_THROTTLED, "TooManyRequests", 429, RETRYABLE, HAS_ID, "too many requests", "Wait");
  CHECK_INT(emulator_requests("batch", "/jobs"), 1);
}

TEST(retry_after_that_makes_no_sense_is_unknown)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"status\",\"status\":429,\"retry_after\":\"soon\"}}");
  err = token_failure(&options, BATCH_E_THROTTLED);
  CHECK_INT(batch_error_retry_after_ms(err), -1);
  batch_error_free(err);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"status\",\"status\":429,"
                 "\"retry_after\":\"99999999999999999999999\"}}");
  err = token_failure(&options, BATCH_E_THROTTLED);
  CHECK_INT(batch_error_retry_after_ms(err), -1);
  batch_error_free(err);
}

/* As long as numbers go, and no number overflows on the way. */
TEST(retry_after_beyond_all_bounds_is_told_and_not_added_up)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"status\",\"status\":429,"
                 "\"retry_after\":\"18446744073709551615\"}}");
  err = token_failure(&options, BATCH_E_THROTTLED);
  CHECK(batch_error_retry_after_ms(err) == INT64_MAX);
  batch_error_free(err);
}

TEST(max_retries_is_how_often_a_request_is_repeated)
{
  batch_auth_options_t options;
  batch_error_t *err;
  uint32_t retries;

  emulator_options(&options);
  emulator_fault("{\"listener\":\"entra\",\"times\":0,\"fault\":"
                 "{\"kind\":\"status\",\"status\":503,\"retry_after\":\"0\"}}");
  for (retries = 0; retries < 4; retries++) {
    options.max_retries = retries;
    emulator_forget_requests();
    err = token_failure(&options, BATCH_E_SERVICE);
    CHECK_ERROR(err, BATCH_E_SERVICE, "AADSTS90033", 503, RETRYABLE, HAS_ID, "transient", "later");
    CHECK_INT(emulator_requests("entra", "/token"), retries + 1u);
  }
}

/* ---------------------------------------------------------------- deadlines */
static void check_timeout(const char *listener, const char *fault)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  options.timeout_ms = 300; /* our own deadline, which is what is tested */
  emulator_fault("{\"listener\":\"%s\",\"times\":0,\"fault\":%s}", listener, fault);
  err = token_failure(&options, BATCH_E_TIMEOUT);
  CHECK_ERROR(err, BATCH_E_TIMEOUT, NULL, 0, RETRYABLE, HAS_ID, "timed out after 300 ms", "timeout_ms");
}

TEST(entra_that_never_answers_ends_in_a_timeout)
{
  check_timeout("entra", "{\"kind\":\"hang\"}");
}

TEST(entra_that_drips_ends_in_a_timeout)
{
  check_timeout("entra", "{\"kind\":\"drip\",\"bytes\":1,\"every_ms\":50}");
}

static void check_call_timeout(const char *fault)
{
  batch_auth_options_t options;
  batch_auth_t *auth;
  batch_jobs_t *jobs;
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_call_options_t call;
  batch_error_t *err = NULL;

  emulator_options_once(&options);
  auth = reader(&options);
  jobs = listing(auth, "CONTOSO", NULL);
  batch_call_options_init(&call, sizeof call);
  call.timeout_ms = 300;
  emulator_fault("{\"listener\":\"batch\",\"times\":0,\"fault\":%s}", fault);
  CHECK_INT(batch_jobs_next(jobs, &call, &job, &err), BATCH_E_TIMEOUT);
  CHECK(job == NULL);
  CHECK_ERROR(err, BATCH_E_TIMEOUT, NULL, 0, RETRYABLE, HAS_ID, "timed out after 300 ms|page of jobs",
              "timeout_ms");
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(batch_that_never_answers_ends_in_a_timeout)
{
  check_call_timeout("{\"kind\":\"hang\"}");
}

TEST(batch_that_drips_ends_in_a_timeout)
{
  check_call_timeout("{\"kind\":\"drip\",\"bytes\":1,\"every_ms\":50}");
}

TEST(listing_goes_on_after_a_timeout)
{
  batch_auth_options_t options;
  batch_auth_t *auth;
  batch_jobs_t *jobs;
  const batch_job_t *job = NULL;
  batch_call_options_t call;
  batch_error_t *err = NULL;

  emulator_options_once(&options);
  auth = reader(&options);
  jobs = listing(auth, "SINGLE", NULL);
  batch_call_options_init(&call, sizeof call);
  call.timeout_ms = 50;
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"delay\",\"ms\":400}}");
  CHECK_INT(batch_jobs_next(jobs, &call, &job, &err), BATCH_E_TIMEOUT);
  batch_error_free(err);
  CHECK_INT(take_rest(jobs), 3);
  CHECK_INT(emulator_requests("batch", "/jobs"), 1); /* what was under way was waited for */
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* Each try is short, and so is each wait: it is their sum that ends. */
TEST(deadline_covers_all_tries_together)
{
  batch_auth_options_t options;
  batch_auth_t *auth;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;
  batch_status_t status;

  emulator_options(&options);
  options.timeout_ms = 300;
  options.max_retries = 100000;
  emulator_fault("{\"listener\":\"entra\",\"times\":0,\"fault\":"
                 "{\"kind\":\"status\",\"status\":503,\"retry_after_ms_header\":\"40\"}}");
  auth = reader(&options);
  status = batch_get_token(auth, NULL, &token, &err);
  /* Either the last answer, where the next wait would not fit, or the deadline itself. */
  CHECK(status == BATCH_E_SERVICE || status == BATCH_E_TIMEOUT);
  CHECK(token == NULL);
  CHECK(emulator_requests("entra", "/token") <= 8);
  batch_error_free(err);
  batch_auth_free(auth);
}

HARNESS_MAIN(RUN(connection_that_is_reset_is_tried_again),
             RUN(connection_that_breaks_off_in_the_body_is_tried_again),
             RUN(reset_without_retries_is_a_network_error),
             RUN(busy_services_are_asked_again_with_the_same_request_id),
             RUN(short_retry_after_is_honoured_in_each_of_its_forms), RUN(long_retry_after_is_told_at_once),
             RUN(retry_after_that_makes_no_sense_is_unknown),
             RUN(retry_after_beyond_all_bounds_is_told_and_not_added_up),
             RUN(max_retries_is_how_often_a_request_is_repeated),
             RUN(entra_that_never_answers_ends_in_a_timeout), RUN(entra_that_drips_ends_in_a_timeout),
             RUN(batch_that_never_answers_ends_in_a_timeout), RUN(batch_that_drips_ends_in_a_timeout),
             RUN(listing_goes_on_after_a_timeout), RUN(deadline_covers_all_tries_together))
