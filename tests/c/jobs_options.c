/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Listing jobs: what a listing may be restricted to, the rules of each option, and continuations, by
 * which a listing goes on elsewhere.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

TEST(max_items_ends_the_listing_and_spares_the_next_page)
{
  batch_auth_t *auth = reader(NULL);
  batch_list_options_t options;
  batch_jobs_t *jobs;

  batch_list_options_init(&options, sizeof options);
  options.max_results = 10;
  options.max_items = 10;
  jobs = listing(auth, "CONTOSO", &options);
  CHECK_INT(take_rest(jobs), 10);
  CHECK_INT(page_requests(), 1);
  batch_jobs_free(jobs);

  options.max_items = 11;
  jobs = listing(auth, "CONTOSO", &options);
  CHECK_INT(take_rest(jobs), 11);
  CHECK_INT(page_requests(), 3);
  batch_jobs_free(jobs);

  options.max_items = UINT64_MAX;
  jobs = listing(auth, "SINGLE", &options);
  CHECK_INT(take_rest(jobs), 3);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(max_results_is_the_size_of_a_page)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, 1000);
  uint32_t pages = (emulator_jobs() + 999) / 1000;

  CHECK_INT(take_rest(jobs), emulator_jobs());
  CHECK_INT(page_requests(), pages);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

static uint32_t count_with(const batch_list_options_t *options)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "CONTOSO", options);
  uint32_t count = take_rest(jobs);

  batch_jobs_free(jobs);
  batch_auth_free(auth);
  return count;
}

TEST(filter_is_the_services_own)
{
  batch_list_options_t options;

  batch_list_options_init(&options, sizeof options);
  options.filter = "state eq 'active'";
  CHECK_INT(count_with(&options), (emulator_jobs() + 9) / 10);
  options.filter = "state eq 'active' and startswith(id, 'no such')";
  CHECK_INT(count_with(&options), 0);
}

TEST(schedule_restricts_to_its_jobs)
{
  batch_list_options_t options;
  uint32_t jobs = emulator_jobs();

  batch_list_options_init(&options, sizeof options);
  options.job_schedule_id = emulator("SCHEDULE");
  CHECK_INT(count_with(&options), jobs * 65u / 100u - jobs * 60u / 100u);
  CHECK_INT(emulator_requests("batch", "/jobschedules/nightly/jobs"), 1);
}

TEST(select_leaves_the_other_fields_absent)
{
  batch_auth_t *auth = reader(NULL);
  batch_list_options_t options;
  batch_jobs_t *jobs;
  const batch_job_t *job;

  batch_list_options_init(&options, sizeof options);
  options.select = "id,priority";
  jobs = listing(auth, "SINGLE", &options);
  job = next_job(jobs);
  CHECK(batch_job_id(job) != NULL);
  CHECK(batch_job_priority(job, -5000) != -5000);
  CHECK_INT(batch_job_state(job), BATCH_JOB_STATE_UNKNOWN);
  CHECK(batch_job_state_text(job) == NULL && batch_job_pool_id(job) == NULL);
  CHECK_INT(batch_job_creation_time_ms(job, -42), -42);
  CHECK_HAS_NOT(batch_job_json(job, NULL), "creationTime");
  batch_jobs_free(jobs);

  options.select = "state";
  jobs = listing(auth, "SINGLE", &options);
  job = next_job(jobs);
  CHECK(batch_job_id(job) == NULL);
  CHECK_INT(batch_job_priority(job, -5000), -5000);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(expand_brings_the_statistics)
{
  batch_auth_t *auth = reader(NULL);
  batch_list_options_t options;
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);

  CHECK_HAS_NOT(batch_job_json(next_job(jobs), NULL), "\"stats\"");
  batch_jobs_free(jobs);
  batch_list_options_init(&options, sizeof options);
  options.expand = "stats";
  jobs = listing(auth, "SINGLE", &options);
  CHECK_HAS(batch_job_json(next_job(jobs), NULL), "\"stats\"");
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(options_go_out_as_they_were_given_and_the_version_always)
{
  batch_auth_t *auth = reader(NULL);
  batch_list_options_t options;
  batch_jobs_t *jobs;
  char *journal;

  batch_list_options_init(&options, sizeof options);
  options.api_version = "2024-07-01.20.0";
  options.server_timeout_s = 25;
  jobs = listing(auth, "EMPTY", &options);
  CHECK_INT(take_rest(jobs), 0);
  batch_jobs_free(jobs);
  journal = emulator_journal();
  CHECK_HAS(journal, "api-version=2024-07-01.20.0|=25|\"authorization\"|Bearer ");
  free(journal);

  emulator_forget_requests();
  jobs = listing(auth, "EMPTY", NULL);
  CHECK_INT(take_rest(jobs), 0);
  batch_jobs_free(jobs);
  journal = emulator_journal();
  CHECK_HAS(journal, "\"query\":\"api-version=2025-06-01\"");
  free(journal);
  batch_auth_free(auth);
}

TEST(account_may_be_given_without_its_scheme)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = NULL;
  batch_error_t *err = NULL;

  CHECK_OK(batch_list_jobs(auth, emulator("BATCH_SINGLE") + strlen("https://"), NULL, &jobs, &err), err);
  CHECK_INT(take_rest(jobs), 3);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

static void refuse(const char *account, const batch_list_options_t *options, batch_status_t status,
                   const char *message, const char *help)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = UNTOUCHED(batch_jobs_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_list_jobs(auth, account, options, &jobs, &err), status);
  CHECK(jobs == NULL);
  CHECK_HAS_NOT(batch_error_json(err, NULL), "planted");
  CHECK_ERROR(err, status, NULL, 0, FINAL, NO_ID, message, help);
  CHECK_INT(emulator_requests("", ""), 0);
  batch_auth_free(auth);
}

TEST(account_that_is_no_https_host_is_refused)
{
  refuse(NULL, NULL, BATCH_E_INVALID_ARGUMENT, "account_url is NULL", NULL);
  refuse("", NULL, BATCH_E_INVALID_ARGUMENT, "account_url", "endpoint");
  refuse("a\xff", NULL, BATCH_E_INVALID_UTF8, "account_url", "UTF-8");
  refuse("http://contoso.westeurope.batch.azure.com", NULL, BATCH_E_INVALID_ARGUMENT, "account_url|https",
         "endpoint");
  refuse("https://contoso.westeurope.batch.azure.com/jobs", NULL, BATCH_E_INVALID_ARGUMENT,
         "account_url|without path", "endpoint");
  refuse("https://user:planted@contoso.example", NULL, BATCH_E_INVALID_ARGUMENT, "account_url|password", NULL);
}

TEST(list_option_that_cannot_be_right_is_refused_before_any_request)
{
  const char *account = emulator("BATCH_CONTOSO");
  batch_list_options_t options;

  batch_list_options_init(&options, sizeof options);
  options.max_results = 1001;
  refuse(account, &options, BATCH_E_INVALID_ARGUMENT, "max_results|1000|1001", NULL);
  batch_list_options_init(&options, sizeof options);
  options.filter = "state eq\n'active'";
  refuse(account, &options, BATCH_E_INVALID_ARGUMENT, "filter|control characters", NULL);
  batch_list_options_init(&options, sizeof options);
  options.job_schedule_id = "..";
  refuse(account, &options, BATCH_E_INVALID_ARGUMENT, "job_schedule_id", NULL);
  batch_list_options_init(&options, sizeof options);
  options.select = "id,\xff";
  refuse(account, &options, BATCH_E_INVALID_UTF8, "select", "UTF-8");
  batch_list_options_init(&options, sizeof options);
  options.continuation = "https://evil.example/jobs?$skiptoken=x";
  refuse(account, &options, BATCH_E_INVALID_ARGUMENT, "continuation|evil.example",
         "batch_jobs_continuation");
}

/* ------------------------------------------------------------ continuation */
TEST(continuation_goes_on_in_a_fresh_listing_where_the_page_ended)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, 10);
  batch_list_options_t options;
  const char *continuation;
  char *last;

  take_jobs(jobs, 9);
  last = text_of("%s", batch_job_id(next_job(jobs)));
  continuation = batch_jobs_continuation(jobs);
  CHECK_HAS(continuation, "https://localhost|skiptoken");
  CHECK(batch_jobs_continuation(jobs) == continuation);

  batch_list_options_init(&options, sizeof options);
  options.continuation = continuation;
  options.filter = "state eq 'not looked at'"; /* the continuation has one of its own */
  {
    batch_jobs_t *rest = listing(auth, "CONTOSO", &options);
    const batch_job_t *job;
    batch_jobs_free(jobs);
    job = next_job(rest);
    CHECK(strcmp(batch_job_id(job), last) > 0);
    CHECK_INT(take_rest(rest) + 1u, emulator_jobs() - 10u);
    batch_jobs_free(rest);
  }
  free(last);
  batch_auth_free(auth);
}

TEST(continuation_before_the_first_page_is_that_page)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL), *again;
  batch_list_options_t options;

  batch_list_options_init(&options, sizeof options);
  options.continuation = batch_jobs_continuation(jobs);
  CHECK_HAS(options.continuation, "/jobs?api-version=");
  CHECK_INT(emulator_requests("", ""), 0);
  again = listing(auth, "SINGLE", &options);
  batch_jobs_free(jobs);
  CHECK_INT(take_rest(again), 3);
  batch_jobs_free(again);
  batch_auth_free(auth);
}

TEST(every_continuation_lives_as_long_as_its_listing)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, 1);
  const char *handed_out[5];
  char *copies[5];
  int i;

  for (i = 0; i < 5; i++) {
    take_jobs(jobs, 1);
    handed_out[i] = batch_jobs_continuation(jobs);
    copies[i] = text_of("%s", handed_out[i]);
  }
  for (i = 0; i < 5; i++) {
    CHECK_STR(handed_out[i], copies[i]);
    CHECK(i == 0 || strcmp(copies[i], copies[i - 1]) != 0);
  }
  while (i-- > 0)
    free(copies[i]);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

HARNESS_MAIN(RUN(max_items_ends_the_listing_and_spares_the_next_page), RUN(max_results_is_the_size_of_a_page),
             RUN(filter_is_the_services_own), RUN(schedule_restricts_to_its_jobs),
             RUN(select_leaves_the_other_fields_absent), RUN(expand_brings_the_statistics),
             RUN(options_go_out_as_they_were_given_and_the_version_always),
             RUN(account_may_be_given_without_its_scheme), RUN(account_that_is_no_https_host_is_refused),
             RUN(list_option_that_cannot_be_right_is_refused_before_any_request),
             RUN(continuation_goes_on_in_a_fresh_listing_where_the_page_ended),
             RUN(continuation_before_the_first_page_is_that_page),
             RUN(every_continuation_lives_as_long_as_its_listing))
