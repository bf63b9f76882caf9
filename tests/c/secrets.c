/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A secret and a token pass through everything that can happen, with the log at its loudest; then
 * every text that the library gave away is searched for them and for pieces of them.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* The shortest piece that counts as a leak. */
#define PIECE 12u

/* Everything the library said. */
static char *said;

static void hear(const char *text)
{
  char *longer = text_of("%s%s\n", said != NULL ? said : "", text != NULL ? text : "");

  free(said);
  said = longer;
}

static void hear_error(batch_error_t *err)
{
  CHECK(err != NULL);
  hear(batch_error_message(err));
  hear(batch_error_help(err));
  hear(batch_error_service_code(err));
  hear(batch_error_request_id(err));
  hear(batch_error_json(err, NULL));
  batch_error_free(err);
}

/* The first piece of `secret` that was said, or NULL. Pieces begin at every fourth character, so whatever
 * is longer is found wherever it begins. */
static const char *said_of(const char *secret)
{
  char piece[PIECE + 1];
  size_t at, length = strlen(secret);

  CHECK(length >= PIECE);
  for (at = 0; at + PIECE <= length; at += 4) {
    memcpy(piece, secret + at, PIECE);
    piece[PIECE] = '\0';
    if (said != NULL && strstr(said, piece) != NULL)
      return secret + at;
  }
  return NULL;
}

static void check_unsaid(const char *secret)
{
  const char *piece = said_of(secret);

  if (piece != NULL)
    harness_fail(__FILE__, __LINE__, "a piece of a secret was said: %s\n%s", piece, said);
}

static void check_log_unsaid(const char *secret, const char *token)
{
  char *log = logbook_read();

  CHECK(strlen(log) > 100);
  hear(log);
  free(log);
  check_unsaid(secret);
  if (token != NULL)
    check_unsaid(token);
  logbook_close();
  free(said);
  said = NULL;
}

static batch_auth_t *planted(const char *secret)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;

  emulator_options(&options);
  options.max_retries = 1;
  CHECK_OK(batch_auth_new_client_secret(emulator("TENANT"), emulator("CLIENT_ID"), secret, &options, &auth,
                                        &err),
           err);
  return auth;
}

static char *token_text_of(batch_auth_t *auth)
{
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;
  char *value;

  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  value = text_of("%s", batch_token_value(token, NULL));
  batch_token_free(token);
  return value;
}

/* The search itself can find something. */
TEST(piece_of_a_secret_would_be_found)
{
  hear("nothing here but plan");
  CHECK(said_of("planted-secret-value") == NULL);
  hear("and here it comes: ted-secret-value");
  CHECK(said_of("planted-secret-value") != NULL);
  free(said);
  said = NULL;
}

TEST(success_says_neither_secret_nor_token)
{
  const char *secret = emulator("CLIENT_SECRET");
  batch_auth_t *auth;
  batch_jobs_t *jobs;
  char *token;

  logbook_open(BATCH_LOG_TRACE);
  auth = planted(secret);
  token = token_text_of(auth);
  jobs = listing(auth, "SINGLE", NULL);
  hear(batch_jobs_continuation(jobs));
  CHECK_INT(take_rest(jobs), 3);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
  check_log_unsaid(secret, token);
  free(token);
}

/* Each fault once, on a fresh auth, whose secret stays the same. */
static void fail_token(const char *fault)
{
  batch_auth_t *auth = planted(emulator("CLIENT_SECRET"));
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  emulator_fault("{\"listener\":\"entra\",\"times\":0,\"fault\":%s}", fault);
  CHECK(batch_get_token(auth, NULL, &token, &err) >= BATCH_E_NETWORK);
  hear_error(err);
  emulator_clear_faults();
  batch_auth_free(auth);
}

TEST(failed_token_requests_do_not_say_the_secret)
{
  logbook_open(BATCH_LOG_TRACE);
  fail_token("{\"kind\":\"status\",\"status\":503,\"retry_after\":\"0\"}");
  fail_token("{\"kind\":\"status\",\"status\":429,\"retry_after\":\"9999\"}");
  fail_token("{\"kind\":\"redirect\",\"status\":307,\"location\":\"https://evil.example/\"}");
  fail_token("{\"kind\":\"truncate\",\"at\":700}");
  fail_token("{\"kind\":\"gzip\",\"corrupt\":true}");
  fail_token("{\"kind\":\"huge\",\"bytes\":2000000}");
  fail_token("{\"kind\":\"token\",\"omit_expiry\":true}");
  fail_token("{\"kind\":\"token\",\"token_type\":\"pop\"}");
  fail_token("{\"kind\":\"body\",\"content_type\":\"text/html\",\"body\":\"<html>\"}");
  check_log_unsaid(emulator("CLIENT_SECRET"), NULL);
}

TEST(refused_secret_is_not_said)
{
  static const char secret[] = "planted~Q+x&y=z%41-of-a-secret";
  batch_auth_t *auth;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  logbook_open(BATCH_LOG_TRACE);
  auth = planted(secret);
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  hear_error(err);
  batch_auth_free(auth);
  check_log_unsaid(secret, NULL);
}

/* A service that quotes what it was sent, in every member that we read. */
TEST(secret_that_entra_echoes_is_not_passed_on)
{
  static const char secret[] = "planted-secret-that-is-echoed";
  static const char *const members[] = { "error", "error_description", "suberror", "trace_id",
                                         "correlation_id", "timestamp", "claims" };
  size_t i;

  logbook_open(BATCH_LOG_TRACE);
  for (i = 0; i < sizeof members / sizeof members[0]; i++) {
    batch_auth_t *auth = planted(secret);
    batch_token_t *token = NULL;
    batch_error_t *err = NULL;
    const char *other = strcmp(members[i], "error") == 0 ? "x" : "error";
    emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"body\",\"status\":400,\"body\":"
                   "\"{\\\"%s\\\":\\\"invalid_client\\\",\\\"%s\\\":\\\"AADSTS1: %s\\\"}\"}}",
                   other, members[i], secret);
    CHECK(batch_get_token(auth, NULL, &token, &err) > BATCH_PENDING);
    hear_error(err);
    batch_auth_free(auth);
  }
  check_log_unsaid(secret, NULL);
}

/* As it was sent: a form has other characters for what is special. */
TEST(form_that_entra_echoes_is_not_passed_on)
{
  static const char secret[] = "planted&secret=value+%of&some=kind";
  static const char sent[] = "planted%26secret%3Dvalue%2B%25of%26some%3Dkind";
  batch_auth_t *auth;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  logbook_open(BATCH_LOG_TRACE);
  auth = planted(secret);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"body\",\"status\":400,\"body\":"
                 "\"{\\\"error\\\":\\\"x\\\",\\\"error_description\\\":\\\"bad body: a=b&client_secret=%s\\\"}\"}}",
                 sent);
  CHECK(batch_get_token(auth, NULL, &token, &err) > BATCH_PENDING);
  hear_error(err);
  batch_auth_free(auth);
  check_log_unsaid(sent, NULL);
}

/* The same of Batch, which is sent the token. */
TEST(token_that_batch_echoes_is_not_passed_on)
{
  static const char *const bodies[] = {
    "{\\\"code\\\":\\\"AuthenticationFailed\\\",\\\"message\\\":{\\\"value\\\":\\\"bad %s\\\"}}",
    "{\\\"code\\\":\\\"AuthenticationFailed\\\",\\\"message\\\":\\\"bad %s\\\"}",
    "{\\\"code\\\":\\\"X\\\",\\\"values\\\":[{\\\"key\\\":\\\"Reason\\\",\\\"value\\\":\\\"bad %s\\\"}]}",
    "{\\\"code\\\":\\\"X\\\",\\\"values\\\":[{\\\"key\\\":\\\"%s\\\",\\\"value\\\":\\\"bad\\\"}]}",
    "{\\\"code\\\":\\\"%s\\\"}",
    "{\\\"code\\\":\\\"X\\\",\\\"message\\\":{\\\"value\\\":\\\"bad\\\\nRequestId:%s\\\"}}",
  };
  /* Short, so that a rule with it fits; it is sent like any other. */
  static const char token[] = "planted.token-that.is-echoed";
  size_t i;

  logbook_open(BATCH_LOG_TRACE);
  for (i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    batch_auth_options_t options;
    batch_auth_t *auth = NULL;
    batch_error_t *err = NULL;
    const batch_job_t *job = NULL;
    batch_jobs_t *jobs;
    char *before = text_of("%.*s", (int)(strstr(bodies[i], "%s") - bodies[i]), bodies[i]);
    emulator_options(&options);
    CHECK_OK(batch_auth_new_static_token(token, 4102444800, &options, &auth, &err), err);
    jobs = listing(auth, "SINGLE", NULL);
    emulator_fault("{\"listener\":\"batch\",\"times\":0,\"fault\":{\"kind\":\"body\",\"status\":400,"
                   "\"body\":\"%s%s%s\"}}",
                   before, token, strstr(bodies[i], "%s") + 2);
    CHECK(batch_jobs_next(jobs, NULL, &job, &err) > BATCH_PENDING);
    hear_error(err);
    emulator_clear_faults();
    free(before);
    batch_jobs_free(jobs);
    batch_auth_free(auth);
  }
  check_log_unsaid(token, NULL);
}

static void fail_jobs(batch_auth_t *auth, const char *account, const char *fault)
{
  batch_jobs_t *jobs = listing(auth, account, NULL);
  const batch_job_t *job = NULL;
  batch_error_t *err = NULL;
  batch_status_t status;

  if (fault != NULL)
    emulator_fault("{\"listener\":\"batch\",\"times\":0,\"fault\":%s}", fault);
  do
    status = batch_jobs_next(jobs, NULL, &job, &err);
  while (status == BATCH_OK);
  CHECK(status > BATCH_PENDING);
  hear_error(err);
  hear(batch_jobs_continuation(jobs));
  emulator_clear_faults();
  batch_jobs_free(jobs);
}

TEST(failed_listings_say_neither_secret_nor_token)
{
  const char *secret = emulator("CLIENT_SECRET");
  batch_auth_t *auth;
  char *token;

  logbook_open(BATCH_LOG_TRACE);
  auth = planted(secret);
  token = token_text_of(auth);
  fail_jobs(auth, "LOCKED", NULL);
  fail_jobs(auth, "SHAREDKEY", NULL);
  fail_jobs(auth, "SINGLE", "{\"kind\":\"status\",\"status\":503,\"retry_after\":\"0\"}");
  fail_jobs(auth, "SINGLE", "{\"kind\":\"redirect\",\"status\":302,\"location\":\"https://evil.example/\"}");
  fail_jobs(auth, "SINGLE", "{\"kind\":\"next_link\",\"mode\":\"other_host\"}");
  fail_jobs(auth, "SINGLE", "{\"kind\":\"truncate\",\"at\":50}");
  fail_jobs(auth, "SINGLE", "{\"kind\":\"body\",\"body\":\"not json\"}");
  fail_jobs(auth, "SINGLE", "{\"kind\":\"huge\",\"bytes\":20000000,\"gzip\":true}");
  batch_auth_free(auth);
  check_log_unsaid(secret, token);
  free(token);
}

/* A password in a proxy's URL is a secret as well. */
TEST(password_of_a_proxy_is_not_said)
{
  static const char password[] = "planted-proxy-password";
  char *proxy = text_of("http://user:%s@%s", password, emulator("PROXY") + strlen("http://"));
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  logbook_open(BATCH_LOG_TRACE);
  emulator_switch("{\"proxy_auth\":\"user:another\"}");
  emulator_options(&options);
  options.authority_host = NULL;
  options.proxy_url = proxy;
  CHECK_OK(batch_auth_new_client_secret(emulator("TENANT"), "app", "secret", &options, &auth, &err), err);
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_NETWORK);
  hear_error(err);
  batch_auth_free(auth);
  free(proxy);
  check_log_unsaid(password, NULL);
}

HARNESS_MAIN(RUN(piece_of_a_secret_would_be_found), RUN(success_says_neither_secret_nor_token),
             RUN(failed_token_requests_do_not_say_the_secret), RUN(refused_secret_is_not_said),
             RUN(secret_that_entra_echoes_is_not_passed_on), RUN(form_that_entra_echoes_is_not_passed_on),
             RUN(token_that_batch_echoes_is_not_passed_on), RUN(failed_listings_say_neither_secret_nor_token),
             RUN(password_of_a_proxy_is_not_said))
