/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Cancelling: before a call, during one that hangs, several at once; and that one who gives up takes
 * nothing from the others.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

static batch_call_options_t call_with(batch_cancel_t *cancel)
{
  batch_call_options_t call;

  batch_call_options_init(&call, sizeof call);
  call.cancel = cancel;
  return call;
}

static void hang(const char *listener)
{
  emulator_fault("{\"listener\":\"%s\",\"times\":0,\"fault\":{\"kind\":\"hang\"}}", listener);
}

TEST(cancelled_before_the_call_ends_it_at_once)
{
  batch_auth_t *auth = reader(NULL);
  batch_cancel_t *cancel = batch_cancel_new();
  batch_call_options_t call = call_with(cancel);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  CHECK(cancel != NULL);
  hang("entra");
  batch_cancel_trigger(cancel);
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_CANCELLED);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_CANCELLED, NULL, 0, FINAL, NO_ID, "cancelled while", NULL);
  batch_cancel_free(cancel);
  batch_auth_free(auth);
}

TEST(cancelled_before_the_call_sends_nothing)
{
  batch_auth_t *auth = reader(NULL), *other = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  batch_cancel_t *cancel = batch_cancel_new();
  batch_call_options_t call = call_with(cancel);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;

  batch_cancel_trigger(cancel);
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_CANCELLED);
  batch_error_free(err);
  CHECK_INT(batch_jobs_next(jobs, &call, &job, &err), BATCH_E_CANCELLED);
  CHECK(job == NULL);
  batch_error_free(err);
  /* Time enough for what was sent to arrive: another auth's own request, there and back. */
  err = NULL;
  CHECK_OK(batch_get_token(other, NULL, &token, &err), err);
  batch_token_free(token);
  CHECK_INT(emulator_requests("", ""), 1);
  CHECK_INT(take_rest(jobs), 3);
  batch_jobs_free(jobs);
  batch_cancel_free(cancel);
  batch_auth_free(auth);
  batch_auth_free(other);
}

/* Also where an answer would be at hand: a caller that stops its work does not want any of it. */
TEST(cancelled_before_the_call_ends_it_whatever_is_at_hand)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  batch_cancel_t *cancel = batch_cancel_new();
  batch_call_options_t call = call_with(cancel);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;

  take_jobs(jobs, 1); /* now there are a token in the cache and a page in hand */
  batch_cancel_trigger(cancel);
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_CANCELLED);
  CHECK(token == NULL);
  batch_error_free(err);
  CHECK_INT(batch_jobs_next(jobs, &call, &job, &err), BATCH_E_CANCELLED);
  CHECK(job == NULL);
  batch_error_free(err);
  CHECK_INT(take_rest(jobs), 2); /* no job was lost to it */
  batch_jobs_free(jobs);
  batch_cancel_free(cancel);
  batch_auth_free(auth);
}

/* ------------------------------------------------------- a call that hangs */
typedef struct waiting {
  batch_auth_t *auth;
  batch_jobs_t *jobs;
  batch_cancel_t *cancel;
  batch_status_t expected;
} waiting_t;

static void wait_for_token(void *argument)
{
  const waiting_t *waiting = (const waiting_t *)argument;
  batch_call_options_t call = call_with(waiting->cancel);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_get_token(waiting->auth, &call, &token, &err), waiting->expected);
  if (waiting->expected == BATCH_OK) {
    CHECK(token != NULL && err == NULL);
    batch_token_free(token);
  } else {
    CHECK(token == NULL);
    CHECK_ERROR(err, BATCH_E_CANCELLED, NULL, 0, FINAL, HAS_ID, "cancelled while waiting for a token", NULL);
  }
}

static void wait_for_job(void *argument)
{
  const waiting_t *waiting = (const waiting_t *)argument;
  batch_call_options_t call = call_with(waiting->cancel);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_jobs_next(waiting->jobs, &call, &job, &err), BATCH_E_CANCELLED);
  CHECK(job == NULL);
  CHECK_ERROR(err, BATCH_E_CANCELLED, NULL, 0, FINAL, HAS_ID, "cancelled while waiting for a page of jobs",
              NULL);
}

TEST(token_request_that_hangs_is_cancelled_from_another_thread)
{
  waiting_t waiting;
  worker_t *worker;

  waiting.auth = reader(NULL);
  waiting.cancel = batch_cancel_new();
  waiting.expected = BATCH_E_CANCELLED;
  hang("entra");
  worker = worker_start(wait_for_token, &waiting);
  emulator_wait("entra", "/token", 1);
  batch_cancel_trigger(waiting.cancel);
  worker_join(worker);
  batch_cancel_free(waiting.cancel);
  batch_auth_free(waiting.auth);
}

TEST(listing_that_hangs_is_cancelled_from_another_thread_and_goes_on_later)
{
  batch_auth_options_t options;
  waiting_t waiting;
  worker_t *worker;

  emulator_options(&options);
  waiting.auth = reader(&options);
  waiting.jobs = listing(waiting.auth, "SINGLE", NULL);
  waiting.cancel = batch_cancel_new();
  hang("batch");
  worker = worker_start(wait_for_job, &waiting);
  emulator_wait("batch", "/jobs", 1);
  batch_cancel_trigger(waiting.cancel);
  worker_join(worker);
  emulator_clear_faults();
  CHECK_INT(take_rest(waiting.jobs), 3);
  batch_jobs_free(waiting.jobs);
  batch_cancel_free(waiting.cancel);
  batch_auth_free(waiting.auth);
}

TEST(one_switch_ends_all_calls_that_have_it)
{
  enum { CALLS = 4 };
  waiting_t waiting[CALLS];
  worker_t *workers[CALLS];
  batch_cancel_t *cancel = batch_cancel_new();
  int i;

  hang("entra");
  for (i = 0; i < CALLS; i++) {
    waiting[i].auth = reader(NULL); /* each with a request of its own to wait for */
    waiting[i].cancel = cancel;
    waiting[i].expected = BATCH_E_CANCELLED;
    workers[i] = worker_start(wait_for_token, &waiting[i]);
  }
  emulator_wait("entra", "/token", CALLS);
  batch_cancel_trigger(cancel);
  for (i = 0; i < CALLS; i++) {
    worker_join(workers[i]);
    batch_auth_free(waiting[i].auth);
  }
  batch_cancel_free(cancel);
}

TEST(caller_who_gives_up_leaves_the_request_to_the_others)
{
  waiting_t impatient, patient;
  worker_t *first, *second;

  impatient.auth = patient.auth = reader(NULL);
  impatient.cancel = batch_cancel_new();
  impatient.expected = BATCH_E_CANCELLED;
  patient.cancel = NULL;
  patient.expected = BATCH_OK;
  /* Held up until the first has gone, by a fault that ends as a connection that is tried again. */
  hang("entra");
  first = worker_start(wait_for_token, &impatient);
  emulator_wait("entra", "/token", 1);
  second = worker_start(wait_for_token, &patient);
  batch_cancel_trigger(impatient.cancel);
  worker_join(first);
  emulator_clear_faults();
  worker_join(second);
  CHECK_INT(emulator_requests("entra", "/token"), 2); /* the first try, and its repetition */
  batch_cancel_free(impatient.cancel);
  batch_auth_free(patient.auth);
}

TEST(switch_may_be_thrown_again_and_freed_while_calls_have_it)
{
  waiting_t waiting;
  worker_t *worker;

  waiting.auth = reader(NULL);
  waiting.cancel = batch_cancel_new();
  waiting.expected = BATCH_E_CANCELLED;
  hang("entra");
  worker = worker_start(wait_for_token, &waiting);
  emulator_wait("entra", "/token", 1);
  batch_cancel_trigger(waiting.cancel);
  batch_cancel_trigger(waiting.cancel);
  batch_cancel_free(waiting.cancel);
  worker_join(worker);
  batch_auth_free(waiting.auth);
}

TEST(freed_switch_cancels_nothing)
{
  waiting_t waiting;
  worker_t *worker;

  waiting.auth = reader(NULL);
  waiting.cancel = batch_cancel_new();
  waiting.expected = BATCH_OK;
  hang("entra");
  worker = worker_start(wait_for_token, &waiting);
  emulator_wait("entra", "/token", 1);
  batch_cancel_free(waiting.cancel);
  emulator_clear_faults();
  worker_join(worker);
  batch_auth_free(waiting.auth);
}

TEST(switch_that_is_not_thrown_changes_nothing)
{
  batch_cancel_t *cancel = batch_cancel_new();
  batch_call_options_t call = call_with(cancel);
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  CHECK_OK(batch_get_token(auth, &call, &token, &err), err);
  batch_token_free(token);
  batch_cancel_free(cancel);
  batch_auth_free(auth);
}

HARNESS_MAIN(RUN(cancelled_before_the_call_ends_it_at_once), RUN(cancelled_before_the_call_sends_nothing),
             RUN(cancelled_before_the_call_ends_it_whatever_is_at_hand),
             RUN(token_request_that_hangs_is_cancelled_from_another_thread),
             RUN(listing_that_hangs_is_cancelled_from_another_thread_and_goes_on_later),
             RUN(one_switch_ends_all_calls_that_have_it),
             RUN(caller_who_gives_up_leaves_the_request_to_the_others),
             RUN(switch_may_be_thrown_again_and_freed_while_calls_have_it), RUN(freed_switch_cancels_nothing),
             RUN(switch_that_is_not_thrown_changes_nothing))
