/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * batch_error_t: what an error says, how long it says it, and the rules that hold for the `err` and
 * `out` of every call.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* An error with every field: refused by Entra. */
static batch_error_t *refused(void)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  emulator_options(&options);
  CHECK_OK(batch_auth_new_client_secret(emulator("TENANT"), emulator("CLIENT_ID"), "wrong", &options,
                                        &auth, &err),
           err);
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  batch_auth_free(auth);
  return err;
}

TEST(null_error_says_nothing)
{
  size_t length = 7;

  CHECK_INT(batch_error_status(NULL), BATCH_OK);
  CHECK(batch_error_message(NULL) == NULL);
  CHECK(batch_error_help(NULL) == NULL);
  CHECK(batch_error_service_code(NULL) == NULL);
  CHECK(batch_error_request_id(NULL) == NULL);
  CHECK_INT(batch_error_http_status(NULL), 0);
  CHECK_INT(batch_error_is_retryable(NULL), 0);
  CHECK_INT(batch_error_retry_after_ms(NULL), -1);
  CHECK(batch_error_json(NULL, &length) == NULL);
  CHECK_INT(length, 0);
  CHECK(batch_error_json(NULL, NULL) == NULL);
}

TEST(every_free_takes_null)
{
  batch_error_free(NULL);
  batch_auth_free(NULL);
  batch_token_free(NULL);
  batch_cancel_free(NULL);
  batch_jobs_free(NULL);
}

TEST(null_handles_are_answered_and_not_followed)
{
  size_t length = 7;

  CHECK(batch_auth_retain(NULL) == NULL);
  batch_cancel_trigger(NULL);
  CHECK(batch_token_value(NULL, &length) == NULL);
  CHECK_INT(length, 0);
  length = 7;
  CHECK(batch_token_claims(NULL, &length) == NULL);
  CHECK_INT(length, 0);
  CHECK_INT(batch_token_expires_on(NULL), 0);
  CHECK_INT(batch_token_refresh_on(NULL), 0);
  CHECK_INT(batch_token_acquired_on(NULL), 0);
  CHECK(batch_jobs_continuation(NULL) == NULL);
  CHECK(batch_job_id(NULL) == NULL);
  CHECK(batch_job_display_name(NULL) == NULL);
  CHECK_INT(batch_job_state(NULL), BATCH_JOB_STATE_UNKNOWN);
  CHECK(batch_job_state_text(NULL) == NULL);
  CHECK_INT(batch_job_priority(NULL, -7), -7);
  CHECK_INT(batch_job_creation_time_ms(NULL, -8), -8);
  CHECK(batch_job_pool_id(NULL) == NULL);
  length = 7;
  CHECK(batch_job_json(NULL, &length) == NULL);
  CHECK_INT(length, 0);
}

TEST(handle_that_must_not_be_null_is_named)
{
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_jobs_t *jobs = UNTOUCHED(batch_jobs_t);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;
  char buffer[8] = "xxxxxxx";
  size_t length = 7;
  int64_t expires_on = 7;

  CHECK_INT(batch_get_token(NULL, NULL, &token, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "auth is NULL", NULL);

  CHECK_INT(batch_copy_token(NULL, NULL, buffer, sizeof buffer, &length, &expires_on, &err),
            BATCH_E_INVALID_ARGUMENT);
  CHECK_STR(buffer, "");
  CHECK_INT(length, 0);
  CHECK_INT(expires_on, 0);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "auth is NULL", NULL);

  CHECK_INT(batch_list_jobs(NULL, "https://a.example", NULL, &jobs, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK(jobs == NULL);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "auth is NULL", NULL);

  CHECK_INT(batch_jobs_next(NULL, NULL, &job, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK(job == NULL);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "jobs is NULL", NULL);
}

TEST(out_that_must_not_be_null_is_named)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  batch_error_t *err = NULL;

  CHECK_INT(batch_auth_new_client_secret("t", "c", "s", NULL, NULL, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "out is NULL", NULL);
  CHECK_INT(batch_auth_new_static_token("t", 4102444800, NULL, NULL, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "out is NULL", NULL);
  CHECK_INT(batch_get_token(auth, NULL, NULL, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "out is NULL", NULL);
  CHECK_INT(batch_list_jobs(auth, "https://a.example", NULL, NULL, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "out is NULL", NULL);
  CHECK_INT(batch_jobs_next(jobs, NULL, NULL, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "out is NULL", NULL);
  CHECK_INT(emulator_requests("", ""), 0);
  /* No job was lost to it. */
  CHECK_INT(take_rest(jobs), 3);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(err_may_be_null)
{
  batch_auth_t *auth = UNTOUCHED(batch_auth_t);

  CHECK_INT(batch_auth_new_client_secret("", "c", "s", NULL, &auth, NULL), BATCH_E_INVALID_ARGUMENT);
  CHECK(auth == NULL);
  CHECK_INT(batch_auth_new_client_secret("t", "c", "s", NULL, NULL, NULL), BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(batch_jobs_next(NULL, NULL, NULL, NULL), BATCH_E_INVALID_ARGUMENT);
}

TEST(success_sets_err_to_null)
{
  batch_auth_t *auth = NULL;
  batch_error_t *err = UNTOUCHED(batch_error_t);

  CHECK_INT(batch_auth_new_client_secret("contoso.example", "c", "s", NULL, &auth, &err), BATCH_OK);
  CHECK(err == NULL);
  batch_auth_free(auth);
}

TEST(error_outlives_its_auth_and_says_the_same_each_time)
{
  batch_error_t *err = refused();
  const char *message = batch_error_message(err);
  size_t length = 0;

  CHECK(batch_error_message(err) == message);
  CHECK(batch_error_json(err, NULL) == batch_error_json(err, &length));
  CHECK_INT(length, strlen(batch_error_json(err, NULL)));
  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, "AADSTS7000215", 401, FINAL, HAS_ID, "AADSTS7000215",
              "Value");
}

TEST(json_holds_all_that_the_accessors_say)
{
  batch_error_t *err = refused();
  const char *json = batch_error_json(err, NULL);
  char *id = text_of("\"request_id\":\"%s\"", batch_error_request_id(err));

  CHECK_HAS(json, "\"status\":201|\"name\":\"BATCH_E_AUTHENTICATION_FAILED\"|\"message\":\"|\"help\":\"");
  CHECK_HAS(json, "\"service_code\":\"AADSTS7000215\"|\"http_status\":401|\"retryable\":false");
  CHECK_HAS(json, id);
  /* Entra's own facts, for its support. */
  CHECK_HAS(json, "\"key\":\"trace_id\"|\"key\":\"timestamp\"");
  free(id);
  batch_error_free(err);
}

/* What is absent is left out, rather than null. */
TEST(json_leaves_out_what_is_absent)
{
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;
  const char *json;

  CHECK_INT(batch_auth_new_client_secret(NULL, "c", "s", NULL, &auth, &err), BATCH_E_INVALID_ARGUMENT);
  json = batch_error_json(err, NULL);
  CHECK_HAS_NOT(json, "null");
  CHECK_HAS_NOT(json, "service_code");
  CHECK_HAS_NOT(json, "request_id");
  CHECK_HAS_NOT(json, "http_status");
  CHECK_HAS_NOT(json, "retry_after_ms");
  batch_error_free(err);
}

typedef struct reading {
  const batch_error_t *err;
  gate_t *gate;
} reading_t;

static void read_error(void *argument)
{
  const reading_t *reading = (const reading_t *)argument;
  int i;

  gate_pass(reading->gate);
  for (i = 0; i < 100; i++) {
    CHECK_STR(batch_error_service_code(reading->err), "AADSTS7000215");
    CHECK_HAS(batch_error_json(reading->err, NULL), "7000215");
  }
}

TEST(error_is_read_by_several_threads_at_once)
{
  batch_error_t *err = refused();
  worker_t *workers[4];
  reading_t reading;
  int i;

  reading.err = err;
  reading.gate = gate_new(4);
  for (i = 0; i < 4; i++)
    workers[i] = worker_start(read_error, &reading);
  for (i = 0; i < 4; i++)
    worker_join(workers[i]);
  gate_free(reading.gate);
  batch_error_free(err);
}

HARNESS_MAIN(RUN(null_error_says_nothing), RUN(every_free_takes_null),
             RUN(null_handles_are_answered_and_not_followed), RUN(handle_that_must_not_be_null_is_named),
             RUN(out_that_must_not_be_null_is_named), RUN(err_may_be_null), RUN(success_sets_err_to_null),
             RUN(error_outlives_its_auth_and_says_the_same_each_time),
             RUN(json_holds_all_that_the_accessors_say), RUN(json_leaves_out_what_is_absent),
             RUN(error_is_read_by_several_threads_at_once))
