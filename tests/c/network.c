/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Between us and the services: hosts that are not there, certificates that are not right, answers
 * that are no answers, and servers that are slow, busy or hostile. Whatever comes, the call ends, in
 * an error that tells these apart, and nothing is sent where it does not belong.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* No retries and a generous time: each test changes what it is about. */
static batch_auth_options_t plain_options(void)
{
  batch_auth_options_t options;

  emulator_options(&options);
  options.max_retries = 0;
  return options;
}

static batch_error_t *token_failure(const batch_auth_options_t *options, batch_status_t status)
{
  batch_auth_t *auth = reader(options);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;
  batch_status_t got = batch_get_token(auth, NULL, &token, &err);

  if (got != status)
    harness_fail(__FILE__, __LINE__, "the token request gave %s, not %s: %s", batch_status_name(got),
                 batch_status_name(status), batch_error_message(err));
  CHECK(token == NULL && err != NULL);
  batch_auth_free(auth);
  return err;
}

static batch_error_t *jobs_failure(const batch_auth_options_t *options, batch_status_t status)
{
  batch_auth_t *auth = reader(options);
  batch_jobs_t *jobs = listing(auth, "CONTOSO", NULL);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;
  batch_status_t got = batch_jobs_next(jobs, NULL, &job, &err);

  if (got != status)
    harness_fail(__FILE__, __LINE__, "the listing gave %s, not %s: %s", batch_status_name(got),
                 batch_status_name(status), batch_error_message(err));
  CHECK(job == NULL && err != NULL);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
  return err;
}

/* A token gets there after all. */
static void check_token(const batch_auth_options_t *options, long requests)
{
  batch_auth_t *auth = reader(options);
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK_INT(emulator_requests("entra", "/token"), requests);
  batch_token_free(token);
  batch_auth_free(auth);
}

static void check_jobs(const batch_auth_options_t *options, long requests)
{
  batch_auth_t *auth = reader(options);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);

  CHECK_INT(take_rest(jobs), 3);
  CHECK_INT(emulator_requests("batch", "/jobs"), requests);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* ------------------------------------------------------------- connections */
/* Names under .invalid never resolve (RFC 6761, 6.4), with or without a network. */
TEST(host_that_is_not_there_is_told_as_a_name_that_does_not_resolve)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  options.authority_host = "https://login.invalid";
  err = token_failure(&options, BATCH_E_NETWORK);
  CHECK_ERROR(err, BATCH_E_NETWORK, NULL, 0, RETRYABLE, HAS_ID, "login.invalid|cannot be resolved", "DNS");
}

TEST(refused_connection_is_told_as_refused)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  options.authority_host = "https://127.0.0.1:1"; /* tcpmux: nobody listens there any more */
  err = token_failure(&options, BATCH_E_NETWORK);
  CHECK_ERROR(err, BATCH_E_NETWORK, NULL, 0, RETRYABLE, HAS_ID, "127.0.0.1:1|refused", "host and port");
}

TEST(port_that_speaks_no_tls_is_a_tls_error)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;
  char *host = text_of("https://%s", emulator("ADMIN") + strlen("http://"));

  options.authority_host = host;
  err = token_failure(&options, BATCH_E_TLS);
  CHECK_ERROR(err, BATCH_E_TLS, NULL, 0, FINAL, HAS_ID, "secure connection", "speaks TLS");
  free(host);
}

static void check_certificate(const char *listener, const char *journal_name, const char *message,
                              const char *help)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  options.max_retries = 3; /* which are of no use here */
  options.authority_host = emulator(listener);
  err = token_failure(&options, BATCH_E_TLS);
  CHECK_ERROR(err, BATCH_E_TLS, NULL, 0, FINAL, HAS_ID, message, help);
  CHECK_INT(emulator_requests(journal_name, ""), 0); /* no secret has left */
}

TEST(untrusted_certificate_is_refused_before_anything_is_sent)
{
  check_certificate("UNTRUSTED", "untrusted", "not trusted", "ca_bundle_path");
}

TEST(certificate_of_another_host_is_refused_before_anything_is_sent)
{
  check_certificate("WRONG_HOST", "wrong_host", "another host", "URL");
}

TEST(expired_certificate_is_refused_before_anything_is_sent)
{
  check_certificate("EXPIRED", "expired", "expired", "clock");
}

/* Without our CA the emulator is as untrusted as anybody. */
TEST(authority_that_only_the_bundle_knows_is_untrusted_without_it)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  options.ca_bundle_path = NULL;
  err = token_failure(&options, BATCH_E_TLS);
  batch_error_free(err);
  CHECK_INT(emulator_requests("", ""), 0);
}

TEST(batch_account_with_an_untrusted_certificate_gets_no_token)
{
  batch_auth_options_t options = plain_options();
  batch_auth_t *auth = reader(&options);
  batch_jobs_t *jobs = NULL;
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;

  CHECK_OK(batch_list_jobs(auth, emulator("UNTRUSTED"), NULL, &jobs, &err), err);
  CHECK_INT(batch_jobs_next(jobs, NULL, &job, &err), BATCH_E_TLS);
  CHECK(job == NULL);
  CHECK_ERROR(err, BATCH_E_TLS, NULL, 0, FINAL, HAS_ID, "listing jobs|not trusted", "ca_bundle_path");
  CHECK_INT(emulator_requests("untrusted", ""), 0);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* -------------------------------------------------- answers that are not one */
/* One answer of each service is replaced; both say PROTOCOL with these words. */
static void check_garbled(const char *fault, int32_t http, int32_t retryable, const char *message,
                          const char *help)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  emulator_fault("{\"listener\":\"entra\",\"fault\":%s}", fault);
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_HAS(batch_error_message(err), "token request");
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, http, retryable, HAS_ID, message, help);
  emulator_clear_faults();

  emulator_fault("{\"listener\":\"batch\",\"fault\":%s}", fault);
  err = jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_HAS(batch_error_message(err), "listing jobs");
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, http, retryable, HAS_ID, message, help);
}

#define PAGE "<!DOCTYPE html><html><body><h1>Sign in to the guest network</h1></body></html>"

TEST(web_page_with_200_is_named_as_such)
{
  check_garbled("{\"kind\":\"body\",\"content_type\":\"text/html\",\"body\":\"" PAGE "\"}", 200, FINAL,
                "web page instead of JSON|localhost", "captive portal");
}

TEST(web_page_with_502_is_named_as_such_and_may_pass)
{
  check_garbled("{\"kind\":\"body\",\"status\":502,\"content_type\":\"text/html\",\"body\":\"" PAGE "\"}", 502,
                RETRYABLE, "web page instead of JSON|502", "proxy");
}

TEST(web_page_that_calls_itself_json_is_seen_through)
{
  check_garbled("{\"kind\":\"body\",\"content_type\":\"application/json\",\"body\":\"  " PAGE "\"}", 200, FINAL,
                "web page instead of JSON", "captive portal");
}

TEST(answer_that_is_not_json_is_not_quoted)
{
  batch_auth_options_t options = plain_options();
  const char *fault = "{\"kind\":\"body\",\"content_type\":\"application/json\",\"body\":\"planted\"}";
  batch_error_t *err;

  emulator_fault("{\"listener\":\"entra\",\"fault\":%s}", fault);
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_HAS_NOT(batch_error_json(err, NULL), "planted");
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 200, FINAL, HAS_ID, "cannot be understood", "URL");
  emulator_fault("{\"listener\":\"batch\",\"fault\":%s}", fault);
  err = jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_HAS_NOT(batch_error_json(err, NULL), "planted");
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 200, FINAL, HAS_ID, "cannot be understood", "URL");
}

TEST(empty_answer_is_not_understood)
{
  check_garbled("{\"kind\":\"body\",\"body\":\"\"}", 200, FINAL, "cannot be understood", "URL");
}

TEST(json_of_another_shape_is_not_understood)
{
  check_garbled("{\"kind\":\"body\",\"body\":\"[]\"}", 200, FINAL, "cannot be understood", "URL");
  check_garbled("{\"kind\":\"body\",\"body\":\"null\"}", 200, FINAL, "cannot be understood", "URL");
  check_garbled("{\"kind\":\"body\",\"body\":\"{\\\"value\\\":7,\\\"access_token\\\":7}\"}", 200, FINAL,
                "cannot be understood", "URL");
}

/* Deep enough to overflow a stack that follows it. */
TEST(deeply_nested_json_is_refused)
{
  batch_auth_options_t options = plain_options();
  char deep[1901];
  batch_error_t *err;

  memset(deep, '[', sizeof deep - 1);
  deep[sizeof deep - 1] = '\0';
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"body\",\"body\":\"%s\"}}", deep);
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 200, FINAL, HAS_ID, "cannot be understood", "URL");
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"body\",\"body\":\"{\\\"value\\\":%.1800s\"}}", deep);
  err = jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 200, FINAL, HAS_ID, "cannot be understood", "URL");
}

static void check_page(const char *body, batch_status_t status)
{
  batch_auth_options_t options = plain_options();

  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"body\",\"body\":\"%s\"}}", body);
  batch_error_free(jobs_failure(&options, status));
}

TEST(page_with_elements_that_are_no_jobs_is_refused)
{
  check_page("{\\\"value\\\":[7]}", BATCH_E_PROTOCOL);
  check_page("{\\\"value\\\":[{},null]}", BATCH_E_PROTOCOL);
  check_page("{\\\"value\\\":[{}]", BATCH_E_PROTOCOL);
  check_page("{\\\"value\\\":{}}", BATCH_E_PROTOCOL);
  check_page("{\\\"value\\\":[],\\\"odata.nextLink\\\":7}", BATCH_E_PROTOCOL);
}

/* Every field may be absent or of a kind we do not know; the JSON still tells it. */
TEST(jobs_with_odd_fields_are_read_as_far_as_they_go)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "CONTOSO", NULL);
  const batch_job_t *job = NULL;
  batch_error_t *err = NULL;

  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"body\",\"body\":\""
                 "{\\\"value\\\":[{},{\\\"id\\\":7,\\\"state\\\":\\\"dreaming\\\",\\\"priority\\\":\\\"high\\\","
                 "\\\"creationTime\\\":\\\"yesterday\\\",\\\"poolInfo\\\":[]},"
                 "{\\\"id\\\":\\\"a\\\\u0000b\\\",\\\"new\\\":{\\\"x\\\":[1]}}]}\"}}");
  CHECK_OK(batch_jobs_next(jobs, NULL, &job, &err), err);
  CHECK(batch_job_id(job) == NULL);
  CHECK_STR(batch_job_json(job, NULL), "{}");
  CHECK_OK(batch_jobs_next(jobs, NULL, &job, &err), err);
  CHECK(batch_job_id(job) == NULL && batch_job_pool_id(job) == NULL);
  CHECK_INT(batch_job_state(job), BATCH_JOB_STATE_UNKNOWN);
  CHECK_STR(batch_job_state_text(job), "dreaming");
  CHECK_INT(batch_job_priority(job, -7), -7);
  CHECK_INT(batch_job_creation_time_ms(job, -8), -8);
  CHECK_OK(batch_jobs_next(jobs, NULL, &job, &err), err);
  CHECK_STR(batch_job_id(job), "a\xef\xbf\xbd" "b"); /* U+FFFD for what a C string cannot hold */
  CHECK_HAS(batch_job_json(job, NULL), "\"new\":{\"x\":[1]}");
  CHECK_INT(batch_jobs_next(jobs, NULL, &job, &err), BATCH_DONE);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

static void check_grant(const char *shape, const char *message, const char *help)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"token\",%s}}", shape);
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_HAS_NOT(batch_error_json(err, NULL), "planted");
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 200, FINAL, HAS_ID, message, help);
}

TEST(grant_without_its_parts_is_no_grant)
{
  check_grant("\"omit_access_token\":true", "no access_token", "URL");
  check_grant("\"access_token\":\"\"", "no access_token", "URL");
  check_grant("\"access_token\":\"planted\\r\\nline\"", "access_token", "URL");
  check_grant("\"omit_expiry\":true", "no expiry", "URL");
  check_grant("\"token_type\":\"pop\"", "Bearer", "URL");
  check_grant("\"expires_in\":0", "expired on arrival", "clock");
  check_grant("\"expires_in\":-5", "expiry", "URL");
}

TEST(grant_with_its_numbers_as_texts_is_one)
{
  batch_auth_options_t options = plain_options();

  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"token\",\"as_string\":true,\"refresh_in\":1800}}");
  check_token(&options, 1);
}

/* --------------------------------------------------------------- bodies */
TEST(truncated_answer_is_a_broken_connection)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;
  int chunked;

  for (chunked = 0; chunked < 2; chunked++) {
    const char *fault = chunked ? "{\"kind\":\"truncate\",\"at\":100,\"chunked\":true}"
                                : "{\"kind\":\"truncate\",\"at\":100}";
    emulator_fault("{\"listener\":\"entra\",\"fault\":%s}", fault);
    err = token_failure(&options, BATCH_E_NETWORK);
    CHECK_ERROR(err, BATCH_E_NETWORK, NULL, 0, RETRYABLE, HAS_ID, "broke off", "Try again");
    emulator_fault("{\"listener\":\"batch\",\"fault\":%s}", fault);
    err = jobs_failure(&options, BATCH_E_NETWORK);
    CHECK_ERROR(err, BATCH_E_NETWORK, NULL, 0, RETRYABLE, HAS_ID, "broke off", "Try again");
  }
}

TEST(token_answer_of_more_than_a_mebibyte_is_refused)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"huge\",\"bytes\":2097152}}");
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "larger than 1 MiB", NULL);
}

TEST(page_of_more_than_16_mebibytes_is_refused)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"huge\",\"bytes\":18000000}}");
  err = jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "larger than 16 MiB", "max_results");
}

/* A gibibyte in a mebibyte: refused by its size after decompression, long before its end. */
TEST(compressed_bomb_is_refused_by_its_unpacked_size)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"huge\",\"bytes\":1073741824,\"gzip\":true}}");
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "larger than 1 MiB", NULL);
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"huge\",\"bytes\":1073741824,\"gzip\":true}}");
  err = jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "larger than 16 MiB", NULL);
}

TEST(headers_without_measure_are_refused)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"huge_headers\"}}");
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "not valid HTTP", "proxy");
}

TEST(compressed_answers_are_unpacked)
{
  batch_auth_options_t options = plain_options();

  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"gzip\"}}");
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"gzip\"}}");
  check_jobs(&options, 1);
  emulator_forget_requests();
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"gzip\",\"deflate\":true}}");
  check_jobs(&options, 1);
}

TEST(damaged_compression_is_told_as_damaged)
{
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"gzip\",\"corrupt\":true}}");
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "compressed answer is damaged", "proxy");
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"gzip\",\"corrupt\":true}}");
  err = jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "compressed answer is damaged", "proxy");
}

/* --------------------------------------------------------------- redirects */
static void check_redirect(const char *listener, int code)
{
  batch_auth_options_t options = plain_options();
  const char *to = emulator("BATCH_SINGLE");
  batch_error_t *err;
  char *status = text_of("HTTP %d", code);

  options.max_retries = 3;
  emulator_forget_requests();
  emulator_fault("{\"listener\":\"%s\",\"times\":0,\"fault\":{\"kind\":\"redirect\",\"status\":%d,"
                 "\"location\":\"%s/stolen\"}}",
                 listener, code, to);
  err = strcmp(listener, "entra") == 0 ? token_failure(&options, BATCH_E_PROTOCOL)
                                       : jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_HAS(batch_error_message(err), status);
  CHECK_HAS(batch_error_message(err), to + strlen("https://"));
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, code, FINAL, HAS_ID, "redirect|not followed", "never redirects");
  CHECK_INT(emulator_requests("", "/stolen"), 0);
  emulator_clear_faults();
  free(status);
}

TEST(redirect_of_the_token_request_is_not_followed)
{
  static const int codes[] = { 301, 302, 303, 307, 308 };
  size_t i;

  for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
    check_redirect("entra", codes[i]);
}

TEST(redirect_of_a_listing_is_not_followed)
{
  static const int codes[] = { 301, 302, 303, 307, 308 };
  size_t i;

  for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
    check_redirect("batch:contoso", codes[i]);
}

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
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

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
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

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
  batch_auth_options_t options = plain_options();
  batch_error_t *err;

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
  batch_auth_options_t options = plain_options();
  batch_auth_t *auth = reader(&options);
  batch_jobs_t *jobs = listing(auth, "CONTOSO", NULL);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_call_options_t call;
  batch_error_t *err = NULL;

  batch_call_options_init(&call, sizeof call);
  call.timeout_ms = 300;
  emulator_fault("{\"listener\":\"batch\",\"times\":0,\"fault\":%s}", fault);
  CHECK_INT(batch_jobs_next(jobs, &call, &job, &err), BATCH_E_TIMEOUT);
  CHECK(job == NULL);
  CHECK_ERROR(err, BATCH_E_TIMEOUT, NULL, 0, RETRYABLE, NO_ID, "timed out after 300 ms|page of jobs",
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
  batch_auth_options_t options = plain_options();
  batch_auth_t *auth = reader(&options);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  const batch_job_t *job = NULL;
  batch_call_options_t call;
  batch_error_t *err = NULL;

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

/* The wait between two tries counts too. */
TEST(deadline_covers_all_tries_together)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options(&options);
  options.timeout_ms = 300;
  options.max_retries = 1000;
  emulator_fault("{\"listener\":\"entra\",\"times\":0,\"fault\":"
                 "{\"kind\":\"status\",\"status\":503,\"retry_after_ms_header\":\"40\"}}");
  {
    batch_auth_t *auth = reader(&options);
    batch_token_t *token = NULL;
    batch_status_t status;
    err = NULL;
    status = batch_get_token(auth, NULL, &token, &err);
    /* Either the last answer, when the next wait would not fit, or the deadline itself. */
    CHECK(status == BATCH_E_SERVICE || status == BATCH_E_TIMEOUT);
    CHECK(emulator_requests("entra", "/token") >= 2);
    CHECK(emulator_requests("entra", "/token") <= 8);
    batch_error_free(err);
    batch_auth_free(auth);
  }
}

HARNESS_MAIN(RUN(host_that_is_not_there_is_told_as_a_name_that_does_not_resolve),
             RUN(refused_connection_is_told_as_refused), RUN(port_that_speaks_no_tls_is_a_tls_error),
             RUN(untrusted_certificate_is_refused_before_anything_is_sent),
             RUN(certificate_of_another_host_is_refused_before_anything_is_sent),
             RUN(expired_certificate_is_refused_before_anything_is_sent),
             RUN(authority_that_only_the_bundle_knows_is_untrusted_without_it),
             RUN(batch_account_with_an_untrusted_certificate_gets_no_token),
             RUN(web_page_with_200_is_named_as_such), RUN(web_page_with_502_is_named_as_such_and_may_pass),
             RUN(web_page_that_calls_itself_json_is_seen_through), RUN(answer_that_is_not_json_is_not_quoted),
             RUN(empty_answer_is_not_understood), RUN(json_of_another_shape_is_not_understood),
             RUN(deeply_nested_json_is_refused), RUN(page_with_elements_that_are_no_jobs_is_refused),
             RUN(jobs_with_odd_fields_are_read_as_far_as_they_go), RUN(grant_without_its_parts_is_no_grant),
             RUN(grant_with_its_numbers_as_texts_is_one), RUN(truncated_answer_is_a_broken_connection),
             RUN(token_answer_of_more_than_a_mebibyte_is_refused),
             RUN(page_of_more_than_16_mebibytes_is_refused),
             RUN(compressed_bomb_is_refused_by_its_unpacked_size), RUN(headers_without_measure_are_refused),
             RUN(compressed_answers_are_unpacked), RUN(damaged_compression_is_told_as_damaged),
             RUN(redirect_of_the_token_request_is_not_followed), RUN(redirect_of_a_listing_is_not_followed),
             RUN(connection_that_is_reset_is_tried_again),
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
