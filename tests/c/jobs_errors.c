/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Listing jobs when the service says no: each refusal with its own advice, next links that lead
 * astray, pages that fail half way, and tokens that the service wants renewed.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#define CLAIMS "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1767225300\"}}}"

static batch_auth_t *app(const char *id, const char *secret)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;

  emulator_options(&options);
  options.max_retries = 0;
  CHECK_OK(batch_auth_new_client_secret(emulator("TENANT"), emulator(id), emulator(secret), &options, &auth,
                                        &err),
           err);
  return auth;
}

static batch_auth_t *impatient_reader(void)
{
  return app("CLIENT_ID", "CLIENT_SECRET");
}

static void check_refused(batch_auth_t *auth, const char *account, const batch_list_options_t *options,
                          batch_status_t status, const char *code, int32_t http, const char *message,
                          const char *help)
{
  batch_jobs_t *jobs = listing(auth, account, options);
  batch_error_t *err = next_failure(jobs, status);

  CHECK_HAS(batch_error_message(err), "listing jobs at localhost");
  CHECK_ERROR(err, status, code, http, FINAL, HAS_ID, message, help);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* -------------------------------------------------------------- refusals */
TEST(missing_role_names_the_role_and_the_account)
{
  check_refused(app("NOROLE_CLIENT_ID", "NOROLE_CLIENT_SECRET"), "CONTOSO", NULL, BATCH_E_FORBIDDEN,
                "AuthorizationFailed", 403, "Microsoft.Batch/batchAccounts/jobs/read",
                "Azure Batch Account Reader|Access control (IAM)");
  CHECK_INT(emulator_requests("batch", "/jobs"), 1); /* no new token helps */
}

TEST(network_rules_name_the_networking_page_and_no_role)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = listing(auth, "LOCKED", NULL);
  batch_error_t *err = next_failure(jobs, BATCH_E_FORBIDDEN);

  CHECK_HAS_NOT(batch_error_help(err), "Account Reader");
  CHECK_ERROR(err, BATCH_E_FORBIDDEN, "AuthorizationFailure", 403, FINAL, HAS_ID, "not authorized",
              "Networking|no role helps");
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(account_that_takes_shared_keys_only_names_the_authentication_mode)
{
  check_refused(impatient_reader(), "SHAREDKEY", NULL, BATCH_E_FORBIDDEN, "AuthenticationFailed", 403,
                "not allowed for this account", "Authentication modes|Entra");
}

/* The pair that people confuse: Batch's audience ends in a slash. */
TEST(audience_without_its_slash_names_the_scope_with_both)
{
  batch_auth_options_t options;

  emulator_options(&options);
  options.scope = "https://batch.core.windows.net/.default";
  check_refused(reader(&options), "SINGLE", NULL, BATCH_E_UNAUTHORIZED, "AuthenticationFailed", 401,
                "wrong audience", "https://batch.core.windows.net//.default");
}

TEST(token_for_another_service_names_the_batch_scope)
{
  batch_auth_options_t options;

  emulator_options(&options);
  options.scope = "https://management.azure.com/.default";
  check_refused(reader(&options), "SINGLE", NULL, BATCH_E_UNAUTHORIZED, "AuthenticationFailed", 401,
                "https://management.azure.com", "https://batch.core.windows.net//.default");
}

TEST(token_of_another_tenant_points_at_the_tenant)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;

  emulator_options(&options);
  CHECK_OK(batch_auth_new_client_secret(emulator("OTHER_TENANT"), emulator("STRANGER_CLIENT_ID"),
                                        emulator("STRANGER_CLIENT_SECRET"), &options, &auth, &err),
           err);
  check_refused(auth, "SINGLE", NULL, BATCH_E_UNAUTHORIZED, "AuthenticationFailed", 401, "wrong issuer",
                "tenant_id");
}

TEST(unknown_schedule_is_not_found)
{
  batch_list_options_t options;

  batch_list_options_init(&options, sizeof options);
  options.job_schedule_id = "no-such-schedule";
  check_refused(impatient_reader(), "CONTOSO", &options, BATCH_E_NOT_FOUND, "JobScheduleNotFound", 404,
                "job schedule does not exist", "job_schedule_id");
}

TEST(bad_filter_says_what_is_wrong_with_it)
{
  batch_list_options_t options;

  batch_list_options_init(&options, sizeof options);
  options.filter = "stat eq 'active'";
  check_refused(impatient_reader(), "CONTOSO", &options, BATCH_E_SERVICE, "InvalidQueryParameterValue", 400,
                "filter|stat eq", "filter");
}

TEST(unknown_property_in_select_is_named)
{
  batch_list_options_t options;

  batch_list_options_init(&options, sizeof options);
  options.select = "id,colour";
  check_refused(impatient_reader(), "CONTOSO", &options, BATCH_E_SERVICE, "InvalidQueryParameterValue", 400,
                "colour", "select");
}

TEST(retired_version_asks_for_another)
{
  batch_list_options_t options;

  batch_list_options_init(&options, sizeof options);
  options.api_version = "2017-01-01.4.0";
  check_refused(impatient_reader(), "CONTOSO", &options, BATCH_E_SERVICE, "UnsupportedRequestVersion", 400,
                "2017-01-01.4.0", "api_version");
}

TEST(unknown_continuation_is_the_services_to_refuse)
{
  batch_list_options_t options;
  char *link = text_of("%s/jobs?api-version=2025-06-01&$skiptoken=WATV2:x:1$1", emulator("BATCH_CONTOSO"));

  batch_list_options_init(&options, sizeof options);
  options.continuation = link;
  check_refused(impatient_reader(), "CONTOSO", &options, BATCH_E_SERVICE, "InvalidQueryParameterValue", 400,
                "skiptoken", NULL);
  free(link);
}

TEST(the_three_faces_of_403_have_three_different_helps)
{
  static const char *const accounts[] = { "CONTOSO", "LOCKED", "SHAREDKEY" };
  char *helps[3];
  int i;

  for (i = 0; i < 3; i++) {
    batch_auth_t *auth = app("NOROLE_CLIENT_ID", "NOROLE_CLIENT_SECRET");
    batch_jobs_t *jobs = listing(auth, accounts[i], NULL);
    batch_error_t *err = next_failure(jobs, BATCH_E_FORBIDDEN);
    helps[i] = text_of("%s", batch_error_help(err));
    batch_error_free(err);
    batch_jobs_free(jobs);
    batch_auth_free(auth);
  }
  CHECK(strcmp(helps[0], helps[1]) != 0 && strcmp(helps[0], helps[2]) != 0);
  CHECK(strcmp(helps[1], helps[2]) != 0);
  for (i = 0; i < 3; i++)
    free(helps[i]);
}

TEST(request_id_of_a_refusal_is_the_services)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = listing(auth, "LOCKED", NULL);
  batch_error_t *err = next_failure(jobs, BATCH_E_FORBIDDEN);

  CHECK_INT(strlen(batch_error_request_id(err)), 36); /* a UUID */
  batch_error_free(err);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(failed_sign_in_is_told_by_the_listing)
{
  batch_auth_t *auth = app("EXPIRED_CLIENT_ID", "EXPIRED_CLIENT_SECRET");
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  batch_error_t *err = next_failure(jobs, BATCH_E_AUTHENTICATION_FAILED);

  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, "AADSTS7000222", 401, FINAL, HAS_ID, "expired",
              "new secret");
  CHECK_INT(emulator_requests("batch", ""), 0);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* --------------------------------------------------------------- next links */
static batch_jobs_t *pages_of_ten(batch_auth_t *auth)
{
  batch_list_options_t options;

  batch_list_options_init(&options, sizeof options);
  options.max_results = 10;
  return listing(auth, "CONTOSO", &options);
}

/* The first page's jobs come, then an error that stays, and nothing is sent to the link. */
static void check_astray(const char *mode, const char *message)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = pages_of_ten(auth);
  batch_error_t *err;
  long requests;
  int again;

  emulator_fault("{\"listener\":\"batch\",\"times\":0,\"fault\":{\"kind\":\"next_link\",\"mode\":\"%s\"}}", mode);
  take_jobs(jobs, 10);
  for (again = 0; again < 2; again++) {
    err = next_failure(jobs, BATCH_E_PROTOCOL);
    CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, NO_ID, message, "jobs so far are good");
  }
  requests = emulator_requests("batch", "/jobs");
  CHECK_INT(requests, 1);
  CHECK(batch_jobs_continuation(jobs) == NULL);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(next_link_to_another_host_is_refused)
{
  check_astray("other_host", "next link|localhost|evil.example");
}

TEST(next_link_to_another_port_is_refused)
{
  check_astray("other_port", "next link|localhost:1\"");
}

TEST(next_link_without_tls_is_refused)
{
  check_astray("http", "next link|https|http");
}

TEST(next_link_with_a_user_name_is_refused)
{
  check_astray("userinfo", "next link|user name");
}

TEST(next_link_in_a_circle_is_refused)
{
  check_astray("loop", "circle");
}

static void check_followed(const char *mode)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = pages_of_ten(auth);

  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"next_link\",\"mode\":\"%s\"}}", mode);
  take_jobs(jobs, 25);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(relative_next_link_is_one_on_the_account)
{
  check_followed("relative");
}

TEST(next_link_with_the_host_in_capitals_is_followed)
{
  check_followed("upper_case_host");
}

static void check_last_page(const char *mode)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = pages_of_ten(auth);

  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"next_link\",\"mode\":\"%s\"}}", mode);
  CHECK_INT(take_rest(jobs), 10);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(null_or_empty_next_link_is_the_end)
{
  check_last_page("null");
  check_last_page("empty");
}

TEST(empty_pages_on_the_way_are_passed_over)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);

  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"empty_pages\",\"count\":5}}");
  CHECK_INT(take_rest(jobs), 3);
  CHECK_INT(emulator_requests("batch", "/jobs"), 6);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(endless_empty_pages_end_in_an_error)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  batch_error_t *err;

  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"empty_pages\",\"count\":0}}");
  err = next_failure(jobs, BATCH_E_PROTOCOL);
  CHECK_ERROR(err, BATCH_E_PROTOCOL, NULL, 0, FINAL, NO_ID, "pages in a row hold no job", "account_url");
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* ---------------------------------------------------------- errors half way */
TEST(failed_third_page_keeps_the_jobs_before_and_is_asked_for_again)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = pages_of_ten(auth);
  char before[128];
  batch_error_t *err;
  const batch_job_t *job = NULL;
  uint32_t count;

  emulator_fault("{\"listener\":\"batch\",\"skip\":2,\"times\":2,\"fault\":{\"kind\":\"status\",\"status\":503}}");
  take_jobs(jobs, 19);
  CHECK_INT(batch_jobs_next(jobs, NULL, &job, NULL), BATCH_OK);
  CHECK(strlen(batch_job_id(job)) < sizeof before);
  memcpy(before, batch_job_id(job), strlen(batch_job_id(job)) + 1);

  err = next_failure(jobs, BATCH_E_SERVICE);
  CHECK_HAS(batch_jobs_continuation(jobs), "skiptoken"); /* of the page that failed */
  CHECK_ERROR(err, BATCH_E_SERVICE, "ServerBusy", 503, RETRYABLE, HAS_ID, "currently unavailable", "later");
  err = next_failure(jobs, BATCH_E_SERVICE);
  CHECK_ERROR(err, BATCH_E_SERVICE, "ServerBusy", 503, RETRYABLE, HAS_ID, "currently unavailable", "later");

  for (count = 20; batch_jobs_next(jobs, NULL, &job, &err) == BATCH_OK; count++) {
    CHECK(strcmp(before, batch_job_id(job)) < 0);
    memcpy(before, batch_job_id(job), strlen(batch_job_id(job)) + 1);
  }
  CHECK(err == NULL);
  CHECK_INT(count, emulator_jobs());
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(listing_that_failed_goes_on_elsewhere_by_its_continuation)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = pages_of_ten(auth), *rest;
  batch_list_options_t options;

  emulator_fault("{\"listener\":\"batch\",\"skip\":1,\"fault\":{\"kind\":\"status\",\"status\":500}}");
  take_jobs(jobs, 10);
  batch_error_free(next_failure(jobs, BATCH_E_SERVICE));
  batch_list_options_init(&options, sizeof options);
  options.continuation = batch_jobs_continuation(jobs);
  rest = listing(auth, "CONTOSO", &options);
  batch_jobs_free(jobs);
  CHECK_INT(take_rest(rest), emulator_jobs() - 10u);
  batch_jobs_free(rest);
  batch_auth_free(auth);
}

TEST(role_that_was_given_meanwhile_lets_the_same_listing_go_on)
{
  batch_auth_t *auth = app("NOROLE_CLIENT_ID", "NOROLE_CLIENT_SECRET");
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);

  batch_error_free(next_failure(jobs, BATCH_E_FORBIDDEN));
  emulator_switch("{\"roles\":[{\"account\":\"single\",\"app\":\"norole\",\"assigned\":true}]}");
  CHECK_INT(take_rest(jobs), 3);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* ------------------------------------------------------------ tokens renewed */
TEST(claims_challenge_is_met_once_with_those_claims)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = pages_of_ten(auth);
  char *journal;

  emulator_fault("{\"listener\":\"batch\",\"times\":0,"
                 "\"fault\":{\"kind\":\"claims_challenge\",\"claims\":" CLAIMS "}}");
  take_jobs(jobs, 30);
  CHECK_INT(emulator_requests("entra", "/token"), 2); /* and the later pages have the better token */
  journal = emulator_journal();
  CHECK_HAS(journal, "1767225300|CP1");
  free(journal);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(challenge_that_cannot_be_read_counts_as_none)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);

  emulator_fault("{\"listener\":\"batch\",\"times\":1,"
                 "\"fault\":{\"kind\":\"claims_challenge\",\"claims\":" CLAIMS ",\"malformed\":true}}");
  CHECK_INT(take_rest(jobs), 3);
  CHECK_INT(emulator_requests("entra", "/token"), 2);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(refused_token_is_renewed_once)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);

  emulator_fault("{\"listener\":\"batch\",\"fault\":{\"kind\":\"status\",\"status\":401}}");
  CHECK_INT(take_rest(jobs), 3);
  CHECK_INT(emulator_requests("entra", "/token"), 2);
  CHECK_INT(emulator_requests("batch", "/jobs"), 2);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(token_that_stays_refused_is_renewed_no_more_than_once)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);
  batch_error_t *err;

  emulator_fault("{\"listener\":\"batch\",\"times\":0,\"fault\":{\"kind\":\"status\",\"status\":401}}");
  err = next_failure(jobs, BATCH_E_UNAUTHORIZED);
  CHECK_ERROR(err, BATCH_E_UNAUTHORIZED, "AuthenticationFailed", 401, FINAL, HAS_ID, "authenticate",
              "tenant_id|clock");
  CHECK_INT(emulator_requests("entra", "/token"), 2);
  CHECK_INT(emulator_requests("batch", "/jobs"), 2);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* The service's clock runs ahead: our token has expired for it before it has for us. */
TEST(token_that_expired_at_the_service_is_renewed)
{
  batch_auth_t *auth = impatient_reader();
  batch_jobs_t *jobs = pages_of_ten(auth);

  take_jobs(jobs, 1);
  emulator_wait("batch", "/jobs", 2);
  emulator_clock(2 * 3600);
  CHECK_INT(take_rest(jobs), emulator_jobs() - 1u);
  CHECK_INT(emulator_requests("entra", "/token"), 2);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

HARNESS_MAIN(RUN(missing_role_names_the_role_and_the_account),
             RUN(network_rules_name_the_networking_page_and_no_role),
             RUN(account_that_takes_shared_keys_only_names_the_authentication_mode),
             RUN(audience_without_its_slash_names_the_scope_with_both),
             RUN(token_for_another_service_names_the_batch_scope),
             RUN(token_of_another_tenant_points_at_the_tenant), RUN(unknown_schedule_is_not_found),
             RUN(bad_filter_says_what_is_wrong_with_it), RUN(unknown_property_in_select_is_named),
             RUN(retired_version_asks_for_another), RUN(unknown_continuation_is_the_services_to_refuse),
             RUN(the_three_faces_of_403_have_three_different_helps),
             RUN(request_id_of_a_refusal_is_the_services), RUN(failed_sign_in_is_told_by_the_listing),
             RUN(next_link_to_another_host_is_refused), RUN(next_link_to_another_port_is_refused),
             RUN(next_link_without_tls_is_refused), RUN(next_link_with_a_user_name_is_refused),
             RUN(next_link_in_a_circle_is_refused), RUN(relative_next_link_is_one_on_the_account),
             RUN(next_link_with_the_host_in_capitals_is_followed), RUN(null_or_empty_next_link_is_the_end),
             RUN(empty_pages_on_the_way_are_passed_over), RUN(endless_empty_pages_end_in_an_error),
             RUN(failed_third_page_keeps_the_jobs_before_and_is_asked_for_again),
             RUN(listing_that_failed_goes_on_elsewhere_by_its_continuation),
             RUN(role_that_was_given_meanwhile_lets_the_same_listing_go_on),
             RUN(claims_challenge_is_met_once_with_those_claims),
             RUN(challenge_that_cannot_be_read_counts_as_none), RUN(refused_token_is_renewed_once),
             RUN(token_that_stays_refused_is_renewed_no_more_than_once),
             RUN(token_that_expired_at_the_service_is_renewed))
