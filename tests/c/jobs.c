/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Listing jobs when all goes well: order, pages, a job's fields, and how long things live. Counts
 * follow EMULATOR_JOBS, so that slow runs can ask for fewer jobs.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* Pages such that three are needed for the large account: 1000 for 2,500 jobs. */
static uint32_t page_size(void)
{
  return emulator_jobs() * 2u / 5u;
}

TEST(all_jobs_come_once_and_in_order_over_pages)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, page_size());
  char before[128] = "";
  uint32_t i;

  CHECK_INT(emulator_requests("", ""), 0); /* beginning asks nobody */
  for (i = 0; i < emulator_jobs(); i++) {
    const char *id = batch_job_id(next_job(jobs));
    CHECK(strlen(id) < sizeof before);
    CHECK(strcmp(before, id) < 0);
    memcpy(before, id, strlen(id) + 1);
  }
  CHECK_INT(take_rest(jobs), 0);
  CHECK_INT(page_requests(), 3);
  CHECK_INT(emulator_requests("entra", ""), 1);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(account_without_jobs_is_done_at_once)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "EMPTY", NULL);

  CHECK_INT(take_rest(jobs), 0);
  CHECK_INT(page_requests(), 1);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(end_stays_the_end_without_a_request)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = UNTOUCHED(batch_error_t);

  CHECK_INT(take_rest(jobs), 3);
  CHECK_INT(batch_jobs_next(jobs, NULL, &job, &err), BATCH_DONE);
  CHECK(job == NULL && err == NULL);
  CHECK_INT(batch_jobs_next(jobs, NULL, &job, NULL), BATCH_DONE);
  CHECK_INT(page_requests(), 1);
  CHECK(batch_jobs_continuation(jobs) == NULL);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* ------------------------------------------------------------------- a job */
TEST(job_has_its_fields_and_its_own_json)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  const batch_job_t *job = next_job(jobs);
  size_t length = 0;
  const char *json = batch_job_json(job, &length);
  char *id = text_of("\"id\":\"%s\"", batch_job_id(job));

  CHECK_INT(length, strlen(json));
  CHECK(json_is_valid(json, length));
  CHECK(json[0] == '{' && json[length - 1] == '}');
  CHECK_HAS(json, id);
  CHECK_HAS(json, "creationTime|onAllTasksComplete|constraints"); /* what has no accessor is there too */
  CHECK_INT(batch_job_state(job), BATCH_JOB_STATE_ACTIVE);
  CHECK_STR(batch_job_state_text(job), "active");
  CHECK(batch_job_creation_time_ms(job, -1) >= 1767592800000);
  CHECK_INT(batch_job_priority(job, -5000), 0);
  CHECK(batch_job_pool_id(job) != NULL);
  CHECK(batch_job_display_name(job) == NULL);
  free(id);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(every_job_has_valid_json_and_a_known_state)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, page_size());
  uint32_t i, states = 0, names = 0;

  for (i = 0; i < emulator_jobs(); i++) {
    const batch_job_t *job = next_job(jobs);
    size_t length = 0;
    const char *json = batch_job_json(job, &length);
    CHECK(json[length] == '\0' && json_is_valid(json, length));
    CHECK(batch_job_state(job) >= BATCH_JOB_STATE_ACTIVE);
    CHECK(batch_job_state(job) <= BATCH_JOB_STATE_DELETING);
    CHECK(batch_job_pool_id(job) != NULL);
    CHECK(batch_job_priority(job, 9999) >= -1000 && batch_job_priority(job, 9999) <= 1000);
    CHECK(batch_job_creation_time_ms(job, -1) > 0);
    states |= 1u << batch_job_state(job);
    names += batch_job_display_name(job) != NULL;
  }
  CHECK_INT(states, 0xfe); /* each state of the service, and none unknown */
  CHECK_INT(names, (emulator_jobs() + 1) / 3);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* The emulator's names are in many scripts, with quotes. */
TEST(display_names_are_decoded_to_utf8)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, 0);
  int umlauts = 0, kanji = 0, quotes = 0, rockets = 0;
  uint32_t i;

  for (i = 0; i < 30; i++) {
    const char *name = batch_job_display_name(next_job(jobs));
    umlauts += name != NULL && strstr(name, "\xc3\x9c" "berf\xc3\xbchrung") != NULL;
    kanji += name != NULL && strstr(name, "\xe5\xa4\x9c\xe9\x96\x93") != NULL;
    quotes += name != NULL && strchr(name, '"') != NULL;
    rockets += name != NULL && strstr(name, "\xf0\x9f\x9a\x80") != NULL;
  }
  CHECK(umlauts > 0 && kanji > 0 && quotes > 0 && rockets > 0);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(job_and_its_strings_live_until_the_next_call)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, 1);
  uint32_t i;

  /* One job a page: what is in hand must outlive the page that is fetched meanwhile. */
  for (i = 0; i < 5; i++) {
    const batch_job_t *job = next_job(jobs);
    const char *id = batch_job_id(job), *json = batch_job_json(job, NULL);
    char *expected = text_of("%s", id);
    emulator_wait("batch", "/jobs", (long)i + 2);
    CHECK_STR(id, expected);
    CHECK(batch_job_id(job) == id && batch_job_json(job, NULL) == json);
    CHECK(json_is_valid(json, strlen(json)));
    free(expected);
  }
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* ------------------------------------------------------- lifetime and threads */
TEST(listing_outlives_its_auth)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, page_size());

  batch_auth_free(auth);
  CHECK_INT(take_rest(jobs), emulator_jobs());
  batch_jobs_free(jobs);
}

TEST(listing_is_given_up_half_way)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, 10);

  take_jobs(jobs, 3); /* the second page is on its way */
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(listings_of_one_auth_share_its_token_and_nothing_else)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *one = listing(auth, "SINGLE", NULL), *other = listing(auth, "SINGLE", NULL);

  take_jobs(one, 2);
  CHECK_INT(take_rest(other), 3);
  CHECK_INT(take_rest(one), 1);
  CHECK_INT(emulator_requests("entra", ""), 1);
  batch_jobs_free(one);
  batch_jobs_free(other);
  batch_auth_free(auth);
}

TEST(page_behind_the_one_in_hand_is_fetched_ahead_and_no_more)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = pages_of(auth, 10);

  take_jobs(jobs, 1);
  emulator_wait("batch", "/jobs", 2);
  take_jobs(jobs, 9);
  CHECK_INT(page_requests(), 2);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(no_io_is_pending_where_the_next_page_is_not_here)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = UNTOUCHED(batch_error_t);
  batch_call_options_t call;

  batch_call_options_init(&call, sizeof call);
  call.flags = BATCH_CALL_NO_IO;
  CHECK_INT(batch_jobs_next(jobs, &call, &job, &err), BATCH_PENDING);
  CHECK(job == NULL && err == NULL);
  CHECK_INT(emulator_requests("", ""), 0);
  take_jobs(jobs, 1);
  CHECK_OK(batch_jobs_next(jobs, &call, &job, &err), err);
  CHECK_OK(batch_jobs_next(jobs, &call, &job, &err), err);
  CHECK_INT(batch_jobs_next(jobs, &call, &job, &err), BATCH_DONE);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

static void wait_inside(void *argument)
{
  batch_jobs_t *jobs = (batch_jobs_t *)argument;
  const batch_job_t *job = NULL;
  batch_error_t *err = NULL;

  CHECK_INT(batch_jobs_next(jobs, NULL, &job, &err), BATCH_E_NETWORK);
  CHECK(job == NULL);
  batch_error_free(err);
}

TEST(second_thread_inside_a_listing_is_told_that_it_is_busy)
{
  batch_auth_options_t options;
  batch_auth_t *auth;
  batch_jobs_t *jobs;
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;
  worker_t *first;

  emulator_options(&options);
  options.max_retries = 0;
  auth = reader(&options);
  jobs = listing(auth, "SINGLE", NULL);
  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"hang\"}}");
  first = worker_start(wait_inside, jobs);
  emulator_wait("batch", "/jobs", 1);

  CHECK_INT(batch_jobs_next(jobs, NULL, &job, &err), BATCH_E_BUSY);
  CHECK(job == NULL);
  CHECK_ERROR(err, BATCH_E_BUSY, NULL, 0, FINAL, NO_ID, "in use by another thread", "listing of its own");
  CHECK(batch_jobs_continuation(jobs) == NULL);

  emulator_clear_faults(); /* which cuts the connection that hangs */
  worker_join(first);
  CHECK_INT(take_rest(jobs), 3);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* One after the other is no offence. */
static void take_one(void *argument)
{
  take_jobs((batch_jobs_t *)argument, 1);
}

TEST(listing_moves_from_thread_to_thread)
{
  batch_auth_t *auth = reader(NULL);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);

  worker_join(worker_start(take_one, jobs));
  take_jobs(jobs, 1);
  worker_join(worker_start(take_one, jobs));
  CHECK_INT(take_rest(jobs), 0);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

HARNESS_MAIN(RUN(all_jobs_come_once_and_in_order_over_pages), RUN(account_without_jobs_is_done_at_once),
             RUN(end_stays_the_end_without_a_request), RUN(job_has_its_fields_and_its_own_json),
             RUN(every_job_has_valid_json_and_a_known_state), RUN(display_names_are_decoded_to_utf8),
             RUN(job_and_its_strings_live_until_the_next_call), RUN(listing_outlives_its_auth),
             RUN(listing_is_given_up_half_way), RUN(listings_of_one_auth_share_its_token_and_nothing_else),
             RUN(page_behind_the_one_in_hand_is_fetched_ahead_and_no_more),
             RUN(no_io_is_pending_where_the_next_page_is_not_here),
             RUN(second_thread_inside_a_listing_is_told_that_it_is_busy),
             RUN(listing_moves_from_thread_to_thread))
