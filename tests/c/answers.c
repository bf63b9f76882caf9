/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Answers that are none: web pages, other JSON, bodies that are cut, huge, or damaged. Whatever comes
 * is bounded, told for what it is, and not quoted.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------- answers that are not one */
/* One answer of each service is replaced; both say PROTOCOL with these words. */
static void check_garbled(const char *fault, int32_t http, int32_t retryable, const char *message,
                          const char *help)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
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
  batch_auth_options_t options;
  const char *fault = "{\"kind\":\"body\",\"content_type\":\"application/json\",\"body\":\"planted\"}";
  batch_error_t *err;

  emulator_options_once(&options);
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
  batch_auth_options_t options;
  char deep[1901];
  batch_error_t *err;

  emulator_options_once(&options);
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
  batch_auth_options_t options;

  emulator_options_once(&options);
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
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
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
  batch_auth_options_t options;

  emulator_options_once(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"token\",\"as_string\":true,\"refresh_in\":1800}}");
  check_token(&options, 1);
}

/* --------------------------------------------------------------- bodies */
TEST(truncated_answer_is_a_broken_connection)
{
  batch_auth_options_t options;
  batch_error_t *err;
  int chunked;

  emulator_options_once(&options);
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
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"huge\",\"bytes\":2097152}}");
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "larger than 1 MiB", NULL);
}

TEST(page_of_more_than_16_mebibytes_is_refused)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"huge\",\"bytes\":18000000}}");
  err = jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "larger than 16 MiB", "max_results");
}

/* A gibibyte in a mebibyte: refused by its size after decompression, long before its end. */
TEST(compressed_bomb_is_refused_by_its_unpacked_size)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"huge\",\"bytes\":1073741824,\"gzip\":true}}");
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "larger than 1 MiB", NULL);
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"huge\",\"bytes\":1073741824,\"gzip\":true}}");
  err = jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "larger than 16 MiB", NULL);
}

TEST(headers_without_measure_are_refused)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"huge_headers\"}}");
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "not valid HTTP", "proxy");
}

TEST(compressed_answers_are_unpacked)
{
  batch_auth_options_t options;

  emulator_options_once(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"gzip\"}}");
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"gzip\"}}");
  check_jobs(&options, 1);
  emulator_forget_requests();
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"gzip\",\"deflate\":true}}");
  check_jobs(&options, 1);
}

TEST(damaged_compression_is_told_as_damaged)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  emulator_fault("{\"listener\":\"entra\",\"fault\":{\"kind\":\"gzip\",\"corrupt\":true}}");
  err = token_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "compressed answer is damaged", "proxy");
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"gzip\",\"corrupt\":true}}");
  err = jobs_failure(&options, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, HAS_ID, "compressed answer is damaged", "proxy");
}

HARNESS_MAIN(RUN(web_page_with_200_is_named_as_such), RUN(web_page_with_502_is_named_as_such_and_may_pass),
             RUN(web_page_that_calls_itself_json_is_seen_through), RUN(answer_that_is_not_json_is_not_quoted),
             RUN(empty_answer_is_not_understood), RUN(json_of_another_shape_is_not_understood),
             RUN(deeply_nested_json_is_refused), RUN(page_with_elements_that_are_no_jobs_is_refused),
             RUN(jobs_with_odd_fields_are_read_as_far_as_they_go), RUN(grant_without_its_parts_is_no_grant),
             RUN(grant_with_its_numbers_as_texts_is_one), RUN(truncated_answer_is_a_broken_connection),
             RUN(token_answer_of_more_than_a_mebibyte_is_refused),
             RUN(page_of_more_than_16_mebibytes_is_refused),
             RUN(compressed_bomb_is_refused_by_its_unpacked_size), RUN(headers_without_measure_are_refused),
             RUN(compressed_answers_are_unpacked), RUN(damaged_compression_is_told_as_damaged))
