/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The host's own source of tokens: a callback and the sink that it answers, at once, later, twice or
 * never.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#define FOR_EVER 4102444800 /* 2100-01-01, in seconds since 1970 */

typedef enum manner { AT_ONCE, LATER, TWICE, NEVER, REFUSES, ANOTHER_KIND, BLOCKS } manner_t;

/* What the callback does, and what it has seen. */
typedef struct host {
  manner_t manner;
  const char *token;
  int64_t expires_on;
  batch_auth_t *auth;
  batch_status_t first, second;
  int asked, freed;
  char scope[128], tenant[64], claims[256];
  batch_sink_t *sink;
  worker_t *later;
  gate_t *entered;
} host_t;

static void answer_later(void *argument)
{
  host_t *host = (host_t *)argument;
  host->first = batch_sink_token(host->sink, host->token, host->expires_on);
}

static void note(char *place, size_t capacity, const char *text)
{
  place[0] = '\0';
  if (text != NULL)
    strncat(place, text, capacity - 1);
}

static void acquire(const char *scope, const char *tenant_id, const char *claims, batch_sink_t *sink,
                    void *user_data)
{
  host_t *host = (host_t *)user_data;
  batch_token_t *token = UNTOUCHED(batch_token_t);

  host->asked++;
  host->sink = sink;
  note(host->scope, sizeof host->scope, scope);
  note(host->tenant, sizeof host->tenant, tenant_id);
  note(host->claims, sizeof host->claims, claims);
  switch (host->manner) {
  case LATER:
    host->later = worker_start(answer_later, host);
    break;
  case NEVER:
    gate_pass(host->entered);
    break;
  case REFUSES:
    host->first = batch_sink_fail(sink, BATCH_E_CREDENTIAL_UNAVAILABLE, "the vault is closed");
    break;
  case ANOTHER_KIND:
    host->second = batch_sink_assertion(sink, "a.b.c");
    host->first = batch_sink_token(sink, host->token, host->expires_on);
    break;
  case BLOCKS:
    host->second = batch_get_token(host->auth, NULL, &token, NULL);
    CHECK(token == NULL);
    host->first = batch_sink_token(sink, host->token, host->expires_on);
    break;
  case TWICE:
    host->first = batch_sink_token(sink, host->token, host->expires_on);
    host->second = batch_sink_token(sink, "another", host->expires_on);
    break;
  case AT_ONCE:
    host->first = batch_sink_token(sink, host->token, host->expires_on);
  }
}

static void count_free(void *user_data)
{
  ((host_t *)user_data)->freed++;
}

static host_t host_that(manner_t manner)
{
  host_t host;

  memset(&host, 0, sizeof host);
  host.manner = manner;
  host.token = "host.token";
  host.expires_on = FOR_EVER;
  host.first = host.second = -1;
  return host;
}

static batch_auth_t *asking(host_t *host)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;

  emulator_options(&options);
  CHECK_OK(batch_auth_new_callback(acquire, host, count_free, &options, &auth, &err), err);
  CHECK_INT(host->asked, 0);
  host->auth = auth;
  return auth;
}

static void check_served(batch_auth_t *auth, const host_t *host)
{
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK_STR(batch_token_value(token, NULL), host->token);
  CHECK_INT(batch_token_expires_on(token), host->expires_on);
  batch_token_free(token);
}

TEST(token_answered_at_once_is_served_and_cached)
{
  host_t host = host_that(AT_ONCE);
  batch_auth_t *auth = asking(&host);

  check_served(auth, &host);
  check_served(auth, &host);
  CHECK_INT(host.asked, 1);
  CHECK_INT(host.first, BATCH_OK);
  CHECK_STR(host.scope, "https://batch.core.windows.net//.default");
  CHECK_STR(host.tenant, "");
  CHECK_STR(host.claims, "");
  batch_auth_free(auth);
  CHECK_INT(host.freed, 1);
}

TEST(token_answered_later_by_another_thread_is_served)
{
  host_t host = host_that(LATER);
  batch_auth_t *auth = asking(&host);

  check_served(auth, &host);
  worker_join(host.later);
  CHECK_INT(host.first, BATCH_OK);
  batch_auth_free(auth);
}

TEST(second_answer_is_refused_and_the_first_counts)
{
  host_t host = host_that(TWICE);
  batch_auth_t *auth = asking(&host);

  check_served(auth, &host);
  CHECK_INT(host.first, BATCH_OK);
  CHECK_INT(host.second, BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(batch_sink_token(host.sink, "again", FOR_EVER), BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(batch_sink_fail(host.sink, BATCH_E_IO, NULL), BATCH_E_INVALID_ARGUMENT);
  batch_auth_free(auth);
}

TEST(answer_of_another_kind_is_refused_and_the_sink_stays)
{
  host_t host = host_that(ANOTHER_KIND);
  batch_auth_t *auth = asking(&host);

  check_served(auth, &host);
  CHECK_INT(host.second, BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(host.first, BATCH_OK);
  batch_auth_free(auth);
}

TEST(no_answer_ends_at_the_deadline_and_a_late_one_harms_nobody)
{
  static host_t host; /* its request, and so user_data_free, may end after the test */
  batch_call_options_t call;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;
  batch_auth_t *auth;

  host = host_that(NEVER);
  host.entered = gate_new(1);
  auth = asking(&host);
  batch_call_options_init(&call, sizeof call);
  call.timeout_ms = 100;
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_TIMEOUT);
  CHECK(token == NULL);
  CHECK_HAS(batch_error_message(err), "100 ms|CallbackCredential");
  batch_error_free(err);
  CHECK_INT(batch_sink_token(host.sink, host.token, FOR_EVER), BATCH_OK);
  CHECK_INT(batch_sink_token(host.sink, host.token, FOR_EVER), BATCH_E_INVALID_ARGUMENT);
  batch_auth_free(auth); /* the gate stays: the callback may still be leaving it */
}

typedef struct waiting {
  batch_auth_t *auth;
  batch_cancel_t *cancel;
  batch_status_t status;
} waiting_t;

static void wait_for_token(void *argument)
{
  waiting_t *waiting = (waiting_t *)argument;
  batch_call_options_t call;
  batch_token_t *token = UNTOUCHED(batch_token_t);

  batch_call_options_init(&call, sizeof call);
  call.cancel = waiting->cancel;
  waiting->status = batch_get_token(waiting->auth, &call, &token, NULL);
  CHECK(token == NULL);
}

TEST(sink_outlives_the_call_that_was_cancelled)
{
  static host_t host; /* its request, and so user_data_free, may end after the test */
  waiting_t waiting;
  worker_t *worker;

  host = host_that(NEVER);
  host.entered = gate_new(2);
  waiting.auth = asking(&host);
  waiting.cancel = batch_cancel_new();
  worker = worker_start(wait_for_token, &waiting);
  gate_pass(host.entered); /* with the callback: it has been entered */
  batch_cancel_trigger(waiting.cancel);
  worker_join(worker);
  CHECK_INT(waiting.status, BATCH_E_CANCELLED);
  CHECK_INT(batch_sink_token(host.sink, host.token, FOR_EVER), BATCH_OK);
  batch_cancel_free(waiting.cancel);
  batch_auth_free(waiting.auth); /* the gate stays: the callback may still be leaving it */
}

TEST(failure_of_the_host_is_that_of_the_call)
{
  host_t host = host_that(REFUSES);
  batch_auth_t *auth = asking(&host);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_CREDENTIAL_UNAVAILABLE);
  CHECK(token == NULL);
  CHECK_HAS(batch_error_message(err), "callback|the vault is closed");
  CHECK_INT(host.first, BATCH_OK);
  batch_error_free(err);
  batch_auth_free(auth);
}

TEST(blocking_call_from_inside_is_refused)
{
  host_t host = host_that(BLOCKS);
  batch_auth_t *auth = asking(&host);

  check_served(auth, &host);
  CHECK_INT(host.second, BATCH_E_WOULD_DEADLOCK);
  batch_auth_free(auth);
}

static void check_refused(const char *value, int64_t expires_on, const char *words)
{
  host_t host = host_that(AT_ONCE);
  batch_auth_t *auth = asking(&host);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  host.token = value;
  host.expires_on = expires_on;
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  CHECK_HAS(batch_error_message(err), words);
  CHECK_HAS_NOT(batch_error_json(err, NULL), "planted");
  batch_error_free(err);
  batch_auth_free(auth);
}

TEST(answer_that_is_no_token_is_refused_without_being_shown)
{
  check_refused("", FOR_EVER, "empty");
  check_refused("planted token", FOR_EVER, "blanks");
  check_refused("planted\n", FOR_EVER, "blanks");
  check_refused("planted", 1, "expired");
}

TEST(tenant_and_claims_of_a_call_reach_the_callback)
{
  host_t host = host_that(AT_ONCE);
  batch_auth_t *auth = asking(&host);
  batch_call_options_t call;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  batch_call_options_init(&call, sizeof call);
  call.tenant_id = "fabrikam.example";
  call.scope = "https://vault.example/.default";
  call.claims = "{\"access_token\":{\"x\":null}}";
  CHECK_OK(batch_get_token(auth, &call, &token, &err), err);
  CHECK_STR(host.scope, "https://vault.example/.default");
  CHECK_STR(host.tenant, "fabrikam.example");
  CHECK_HAS(host.claims, "\"x\":null|CP1");
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(bad_arguments_are_refused_and_the_data_stays_the_callers)
{
  host_t host = host_that(AT_ONCE);
  batch_auth_options_t options;
  batch_auth_t *auth = UNTOUCHED(batch_auth_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_auth_new_callback(NULL, &host, count_free, NULL, &auth, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK(auth == NULL);
  CHECK_HAS(batch_error_message(err), "acquire");
  batch_error_free(err);
  emulator_options(&options);
  options.scope = "a\nb";
  CHECK_INT(batch_auth_new_callback(acquire, &host, count_free, &options, &auth, NULL),
            BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(batch_auth_new_callback(acquire, &host, count_free, NULL, NULL, NULL), BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(host.freed, 0);
  CHECK_INT(batch_sink_token(NULL, "t", 1), BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(batch_sink_assertion(UNTOUCHED(batch_sink_t), "t"), BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(batch_sink_fail(NULL, BATCH_OK, NULL), BATCH_E_INVALID_ARGUMENT);
}

HARNESS_MAIN(RUN(token_answered_at_once_is_served_and_cached),
             RUN(token_answered_later_by_another_thread_is_served),
             RUN(second_answer_is_refused_and_the_first_counts),
             RUN(answer_of_another_kind_is_refused_and_the_sink_stays),
             RUN(no_answer_ends_at_the_deadline_and_a_late_one_harms_nobody),
             RUN(sink_outlives_the_call_that_was_cancelled),
             RUN(failure_of_the_host_is_that_of_the_call),
             RUN(blocking_call_from_inside_is_refused),
             RUN(answer_that_is_no_token_is_refused_without_being_shown),
             RUN(tenant_and_claims_of_a_call_reach_the_callback),
             RUN(bad_arguments_are_refused_and_the_data_stays_the_callers))
