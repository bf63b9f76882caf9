/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The log: which records come at which level, whose function gets them, and when its data is given
 * back. That records hold no secret is secrets.c's business.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

static void get_token(batch_auth_t *auth, batch_status_t expected)
{
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  CHECK_INT(batch_get_token(auth, NULL, &token, &err), expected);
  batch_token_free(token);
  batch_error_free(err);
}

/* A retry and a success: a warning, a record each request, a record of the token. */
static void make_records(void)
{
  batch_auth_t *auth = reader(NULL);

  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"status\",\"status\":503,\"retry_after\":\"0\"}}");
  get_token(auth, BATCH_OK);
  batch_auth_free(auth);
}

static char *records_at(int32_t level)
{
  char *text;

  logbook_open(level);
  make_records();
  text = logbook_read();
  logbook_close();
  return text;
}

TEST(debug_has_a_record_of_every_request)
{
  char *text = records_at(BATCH_LOG_DEBUG);

  CHECK_HAS(text, "4 http POST localhost|/oauth2/v2.0/token: 503 in |/oauth2/v2.0/token: 200 in ");
  CHECK_HAS(text, "2 http the token request is tried again|3 entra token for https://batch.core.windows.net/");
  free(text);
}

TEST(info_has_tokens_and_warnings_but_no_requests)
{
  char *text = records_at(BATCH_LOG_INFO);

  CHECK_HAS(text, "3 entra token for|2 http");
  CHECK_HAS_NOT(text, "4 http");
  free(text);
}

TEST(warn_has_what_was_mended_alone)
{
  char *text = records_at(BATCH_LOG_WARN);

  CHECK_HAS(text, "2 http the token request is tried again|HTTP 503");
  CHECK_HAS_NOT(text, "3 entra");
  free(text);
}

TEST(error_has_failed_calls_alone)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;
  char *text = records_at(BATCH_LOG_ERROR);

  CHECK_STR(text, "");
  free(text);
  logbook_open(BATCH_LOG_ERROR);
  emulator_options(&options);
  CHECK_OK(batch_auth_new_client_secret(emulator("TENANT"), emulator("CLIENT_ID"), "wrong", &options, &auth,
                                        &err),
           err);
  get_token(auth, BATCH_E_AUTHENTICATION_FAILED);
  text = logbook_read();
  CHECK_HAS(text, "1 entra|AADSTS7000215");
  free(text);
  batch_auth_free(auth);
  logbook_close();
}

TEST(off_is_silent)
{
  char *text = records_at(BATCH_LOG_OFF);

  CHECK_STR(text, "");
  free(text);
}

TEST(listing_leaves_its_records_too)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs;
  char *text;

  logbook_open(BATCH_LOG_TRACE);
  jobs = listing(auth, "SINGLE", NULL);
  CHECK_INT(take_rest(jobs), 3);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
  text = logbook_read();
  CHECK_HAS(text, "http GET localhost|/jobs: 200 in ");
  CHECK_HAS_NOT(text, "api-version"); /* queries hold filters, which are the caller's affair */
  free(text);
  logbook_close();
}

TEST(levels_that_are_none_are_refused)
{
  CHECK_INT(batch_log_set(-1, NULL, NULL, NULL), BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(batch_log_set(6, NULL, NULL, NULL), BATCH_E_INVALID_ARGUMENT);
}

/* ------------------------------------------------------------- whose data */
typedef struct sink {
  gate_t *inside; /* passed by the first record, if there is one */
  gate_t *leave;
  long records;
  int freed;
} sink_t;

static void count_record(int32_t level, const char *target, const char *message, int64_t time_ms,
                         void *user_data)
{
  sink_t *sink = (sink_t *)user_data;

  CHECK(level >= BATCH_LOG_ERROR && level <= BATCH_LOG_TRACE);
  CHECK(target[0] != '\0' && message[0] != '\0' && time_ms > 1767225600000);
  CHECK_INT(sink->freed, 0);
  if (sink->records++ == 0 && sink->inside != NULL) {
    gate_pass(sink->inside);
    gate_pass(sink->leave);
  }
}

static void count_free(void *user_data)
{
  ((sink_t *)user_data)->freed++;
}

static sink_t new_sink(void)
{
  sink_t sink;

  sink.inside = sink.leave = NULL;
  sink.records = 0;
  sink.freed = 0;
  return sink;
}

TEST(replaced_function_gives_its_data_back_once)
{
  sink_t first = new_sink(), second = new_sink();

  CHECK_INT(batch_log_set(BATCH_LOG_TRACE, count_record, &first, count_free), BATCH_OK);
  make_records();
  CHECK_INT(first.freed, 0);
  CHECK(first.records > 0);

  CHECK_INT(batch_log_set(BATCH_LOG_TRACE, count_record, &second, count_free), BATCH_OK);
  CHECK_INT(first.freed, 1);
  make_records();
  CHECK(second.records > 0);

  CHECK_INT(batch_log_set(BATCH_LOG_OFF, NULL, NULL, NULL), BATCH_OK);
  CHECK_INT(second.freed, 1);
  CHECK_INT(batch_log_set(BATCH_LOG_OFF, NULL, NULL, NULL), BATCH_OK);
  CHECK_INT(first.freed, 1);
  CHECK_INT(second.freed, 1);
}

TEST(removed_function_gets_no_more_records)
{
  sink_t sink = new_sink();
  long before;

  CHECK_INT(batch_log_set(BATCH_LOG_TRACE, count_record, &sink, NULL), BATCH_OK);
  make_records();
  CHECK_INT(batch_log_set(BATCH_LOG_OFF, NULL, NULL, NULL), BATCH_OK);
  before = sink.records;
  make_records();
  CHECK_INT(sink.records, before);
}

TEST(data_without_a_function_is_given_back_too)
{
  sink_t sink = new_sink();

  CHECK_INT(batch_log_set(BATCH_LOG_TRACE, NULL, &sink, count_free), BATCH_OK);
  CHECK_INT(sink.freed, 1);
}

TEST(data_stays_the_callers_where_the_level_is_refused)
{
  sink_t sink = new_sink();

  CHECK_INT(batch_log_set(99, count_record, &sink, count_free), BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(sink.freed, 0);
}

static void make_records_on_a_thread(void *argument)
{
  (void)argument;
  make_records();
}

static void replace_log(void *argument)
{
  sink_t *sink = (sink_t *)argument;

  CHECK_INT(batch_log_set(BATCH_LOG_OFF, NULL, NULL, NULL), BATCH_OK);
  /* Back only now: the old function has run to its end, and its data is free. */
  CHECK_INT(sink->freed, 1);
}

TEST(replacing_waits_for_the_record_under_way)
{
  sink_t sink = new_sink();
  worker_t *logging, *replacing;

  sink.inside = gate_new(2);
  sink.leave = gate_new(2);
  CHECK_INT(batch_log_set(BATCH_LOG_TRACE, count_record, &sink, count_free), BATCH_OK);
  logging = worker_start(make_records_on_a_thread, NULL);
  gate_pass(sink.inside);
  replacing = worker_start(replace_log, &sink);
  CHECK_INT(sink.freed, 0); /* count_record checks the same after the gate opens */
  gate_pass(sink.leave);
  worker_join(replacing);
  worker_join(logging);
  gate_free(sink.inside);
  gate_free(sink.leave);
}

/* ------------------------------------------------ calls from inside a record */
typedef struct nested {
  batch_auth_t *auth;
  batch_jobs_t *jobs;
  int tried;
} nested_t;

static void call_back(int32_t level, const char *target, const char *message, int64_t time_ms,
                      void *user_data)
{
  nested_t *nested = (nested_t *)user_data;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;
  char buffer[8];

  (void)level, (void)target, (void)message, (void)time_ms;
  if (nested->tried++ > 0)
    return;
  CHECK_INT(batch_get_token(nested->auth, NULL, &token, &err), BATCH_E_WOULD_DEADLOCK);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_WOULD_DEADLOCK, NULL, 0, FINAL, NO_ID, "callback", "after the callback has returned");
  CHECK_INT(batch_copy_token(nested->auth, NULL, buffer, sizeof buffer, NULL, NULL, &err),
            BATCH_E_WOULD_DEADLOCK);
  batch_error_free(err);
  CHECK_INT(batch_jobs_next(nested->jobs, NULL, &job, &err), BATCH_E_WOULD_DEADLOCK);
  CHECK(job == NULL);
  batch_error_free(err);
  CHECK_INT(batch_log_set(BATCH_LOG_OFF, NULL, NULL, NULL), BATCH_E_WOULD_DEADLOCK);
  /* What does not block is allowed. */
  CHECK_STR(batch_status_name(BATCH_OK), "BATCH_OK");
  batch_auth_free(batch_auth_retain(nested->auth));
}

TEST(blocking_call_from_inside_a_record_would_deadlock)
{
  nested_t nested;

  nested.auth = reader(NULL);
  nested.jobs = listing(nested.auth, "SINGLE", NULL);
  nested.tried = 0;
  CHECK_INT(batch_log_set(BATCH_LOG_TRACE, call_back, &nested, NULL), BATCH_OK);
  make_records();
  CHECK_INT(batch_log_set(BATCH_LOG_OFF, NULL, NULL, NULL), BATCH_OK);
  CHECK(nested.tried > 0);
  CHECK_INT(take_rest(nested.jobs), 3);
  batch_jobs_free(nested.jobs);
  batch_auth_free(nested.auth);
}

HARNESS_MAIN(RUN(debug_has_a_record_of_every_request), RUN(info_has_tokens_and_warnings_but_no_requests),
             RUN(warn_has_what_was_mended_alone), RUN(error_has_failed_calls_alone), RUN(off_is_silent),
             RUN(listing_leaves_its_records_too), RUN(levels_that_are_none_are_refused),
             RUN(replaced_function_gives_its_data_back_once), RUN(removed_function_gets_no_more_records),
             RUN(data_without_a_function_is_given_back_too),
             RUN(data_stays_the_callers_where_the_level_is_refused),
             RUN(replacing_waits_for_the_record_under_way),
             RUN(blocking_call_from_inside_a_record_would_deadlock))
