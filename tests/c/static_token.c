/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A token that the host has got elsewhere: served as it is until it expires, never renewed.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#define FOR_EVER 4102444800 /* 2100-01-01, in seconds since 1970 */

static batch_auth_t *holding(const char *value, int64_t expires_on)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;

  emulator_options(&options);
  CHECK_OK(batch_auth_new_static_token(value, expires_on, &options, &auth, &err), err);
  return auth;
}

TEST(token_is_served_as_it_is_and_nobody_is_asked)
{
  batch_auth_t *auth = holding("an.opaque-token~", FOR_EVER);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;
  size_t length = 7;

  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK_STR(batch_token_value(token, NULL), "an.opaque-token~");
  CHECK_INT(batch_token_expires_on(token), FOR_EVER);
  CHECK(batch_token_claims(token, &length) == NULL);
  CHECK_INT(length, 0);
  CHECK_INT(emulator_requests("", ""), 0);
  batch_token_free(token);
  batch_auth_free(auth);
}

/* A token of our own making serves a listing as well as the credential that got it. */
TEST(token_of_another_auth_lists_jobs)
{
  batch_auth_t *first = reader(NULL);
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;
  batch_auth_t *second;
  batch_jobs_t *jobs;

  CHECK_OK(batch_get_token(first, NULL, &token, &err), err);
  second = holding(batch_token_value(token, NULL), batch_token_expires_on(token));
  batch_token_free(token);
  batch_auth_free(first);
  jobs = listing(second, "SINGLE", NULL);
  CHECK_INT(take_rest(jobs), 3);
  CHECK_INT(emulator_requests("entra", ""), 1);
  batch_jobs_free(jobs);
  batch_auth_free(second);
}

TEST(expired_token_is_refused_with_what_to_do)
{
  batch_auth_t *auth = holding("expired", 1000000000);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, NULL, 0, FINAL, NO_ID, "static token|expired|1000000000",
              "fresh token");
  batch_auth_free(auth);
}

TEST(other_tenant_and_claims_cannot_be_had)
{
  batch_auth_t *auth = holding("some-token", FOR_EVER);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_call_options_t call;
  batch_error_t *err = NULL;

  batch_call_options_init(&call, sizeof call);
  call.tenant_id = "fabrikam.example";
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, NULL, 0, FINAL, NO_ID, "another tenant", "Auth");

  batch_call_options_init(&call, sizeof call);
  call.claims = "{\"access_token\":{\"nbf\":{\"essential\":true}}}";
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  CHECK_HAS(batch_error_json(err, NULL), "\"claims\":\"");
  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, NULL, 0, FINAL, NO_ID, "claims challenge", "Auth");
  batch_auth_free(auth);
}

static void refuse(const char *value, int64_t expires_on, batch_status_t status, const char *message,
                   const char *help)
{
  batch_auth_t *auth = UNTOUCHED(batch_auth_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_auth_new_static_token(value, expires_on, NULL, &auth, &err), status);
  CHECK(auth == NULL);
  CHECK_HAS_NOT(batch_error_json(err, NULL), "planted");
  CHECK_ERROR(err, status, NULL, 0, FINAL, NO_ID, message, help);
}

TEST(token_that_cannot_be_sent_is_refused_and_not_shown)
{
  refuse(NULL, FOR_EVER, BATCH_E_INVALID_ARGUMENT, "token is NULL", NULL);
  refuse("", FOR_EVER, BATCH_E_INVALID_ARGUMENT, "token is empty", "Bearer");
  refuse("planted\n", FOR_EVER, BATCH_E_INVALID_ARGUMENT, "token", "line end");
  refuse("Bearer planted", FOR_EVER, BATCH_E_INVALID_ARGUMENT, "token", "Bearer");
  refuse("planted\x80", FOR_EVER, BATCH_E_INVALID_UTF8, "token", "UTF-8");
}

TEST(expiry_that_is_no_moment_is_refused)
{
  refuse("planted", 0, BATCH_E_INVALID_ARGUMENT, "expires_on|1970", NULL);
  refuse("planted", -1, BATCH_E_INVALID_ARGUMENT, "expires_on|-1", NULL);
  refuse("planted", INT64_MIN, BATCH_E_INVALID_ARGUMENT, "expires_on", NULL);
}

/* As far as numbers go: nothing overflows on the way. */
TEST(latest_moment_there_is_is_taken)
{
  batch_auth_t *auth = holding("some-token", INT64_MAX);
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK(batch_token_expires_on(token) == INT64_MAX);
  batch_token_free(token);
  batch_auth_free(auth);
}

/* There is nothing to renew it from: Batch's 401 is told, and Entra is not asked. */
TEST(token_that_batch_does_not_take_is_told_as_unauthorized)
{
  batch_auth_t *auth = holding("not-a-token-of-entra", FOR_EVER);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_jobs_next(jobs, NULL, &job, &err), BATCH_E_UNAUTHORIZED);
  CHECK(job == NULL);
  CHECK_ERROR(err, BATCH_E_UNAUTHORIZED, "AuthenticationFailed", 401, FINAL, HAS_ID, "malformed", "tenant_id");
  CHECK_INT(emulator_requests("entra", ""), 0);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

HARNESS_MAIN(RUN(token_is_served_as_it_is_and_nobody_is_asked), RUN(token_of_another_auth_lists_jobs),
             RUN(expired_token_is_refused_with_what_to_do), RUN(other_tenant_and_claims_cannot_be_had),
             RUN(token_that_cannot_be_sent_is_refused_and_not_shown), RUN(expiry_that_is_no_moment_is_refused),
             RUN(latest_moment_there_is_is_taken),
             RUN(token_that_batch_does_not_take_is_told_as_unauthorized))
