/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Through a proxy that knows CONNECT (RFC 9110, 9.3.6), as companies have one: the real host names
 * work, which lead to the emulator, and so do the clouds that follow from them.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

static batch_auth_options_t proxied(const char *proxy)
{
  batch_auth_options_t options;

  emulator_options(&options);
  options.authority_host = NULL;
  options.proxy_url = proxy;
  options.max_retries = 0;
  return options;
}

static uint32_t count_jobs(batch_auth_t *auth, const char *account)
{
  batch_jobs_t *jobs = NULL;
  batch_error_t *err = NULL;
  uint32_t count;

  CHECK_OK(batch_list_jobs(auth, account, NULL, &jobs, &err), err);
  count = take_rest(jobs);
  batch_jobs_free(jobs);
  return count;
}

/* Default authority and cloud, as in production: nothing but an account's name. */
TEST(real_hosts_of_the_public_cloud_are_reached)
{
  batch_auth_options_t options = proxied(emulator("PROXY"));
  batch_auth_t *auth = reader(&options);
  char *journal;

  CHECK_INT(count_jobs(auth, "https://contoso.westeurope.batch.azure.com"), emulator_jobs());
  CHECK_INT(emulator_requests("proxy", "login.microsoftonline.com:443"), 1);
  CHECK_INT(emulator_requests("proxy", "contoso.westeurope.batch.azure.com:443"), 1);
  journal = emulator_journal();
  CHECK_HAS(journal, "https://batch.core.windows.net//.default");
  free(journal);
  batch_auth_free(auth);
}

TEST(cloud_of_the_us_government_follows_from_the_accounts_host)
{
  batch_auth_options_t options = proxied(emulator("PROXY"));
  batch_auth_t *auth = reader(&options);
  char *journal;

  CHECK_INT(count_jobs(auth, "single.usgovvirginia.batch.usgovcloudapi.net"), 3);
  CHECK_INT(emulator_requests("proxy", "login.microsoftonline.us:443"), 1);
  CHECK_INT(emulator_requests("proxy", "login."), 1);
  journal = emulator_journal();
  CHECK_HAS(journal, "https://batch.core.usgovcloudapi.net//.default");
  free(journal);
  batch_auth_free(auth);
}

TEST(cloud_of_china_follows_from_the_accounts_host)
{
  batch_auth_options_t options = proxied(emulator("PROXY"));
  batch_auth_t *auth = reader(&options);
  char *journal;

  CHECK_INT(count_jobs(auth, "single.chinaeast2.batch.chinacloudapi.cn"), 3);
  CHECK_INT(emulator_requests("proxy", "login.chinacloudapi.cn:443"), 1);
  CHECK_INT(emulator_requests("proxy", "login."), 1);
  journal = emulator_journal();
  CHECK_HAS(journal, "https://batch.chinacloudapi.cn//.default");
  free(journal);
  batch_auth_free(auth);
}

/* One auth, accounts of three clouds: each gets a token of its own. */
TEST(accounts_of_several_clouds_are_served_by_one_auth)
{
  batch_auth_options_t options = proxied(emulator("PROXY"));
  batch_auth_t *auth = reader(&options);

  CHECK_INT(count_jobs(auth, "single.westeurope.batch.azure.com"), 3);
  CHECK_INT(count_jobs(auth, "single.usgovvirginia.batch.usgovcloudapi.net"), 3);
  CHECK_INT(count_jobs(auth, "single.chinaeast2.batch.chinacloudapi.cn"), 3);
  CHECK_INT(count_jobs(auth, "empty.westeurope.batch.azure.com"), 0);
  CHECK_INT(emulator_requests("entra", "/token"), 3);
  batch_auth_free(auth);
}

TEST(cloud_that_was_chosen_goes_before_the_accounts)
{
  batch_auth_options_t options = proxied(emulator("PROXY"));
  batch_auth_t *auth;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  options.cloud = BATCH_CLOUD_US_GOVERNMENT;
  auth = reader(&options);
  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK_HAS(batch_token_claims(token, NULL), "\"aud\":\"https://batch.core.usgovcloudapi.net/\"");
  CHECK_INT(emulator_requests("proxy", "login.microsoftonline.us:443"), 1);
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(authority_of_a_cloud_brings_its_scope_along)
{
  batch_auth_options_t options = proxied(emulator("PROXY"));
  batch_auth_t *auth;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  options.authority_host = "login.chinacloudapi.cn/";
  auth = reader(&options);
  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK_HAS(batch_token_claims(token, NULL), "\"aud\":\"https://batch.chinacloudapi.cn/\"");
  batch_token_free(token);
  batch_auth_free(auth);
}

/* ----------------------------------------------------------------- refusals */
static void check_refused(const char *proxy, int32_t http, int32_t retryable, const char *message,
                          const char *help)
{
  batch_auth_options_t options = proxied(proxy);
  batch_auth_t *auth = reader(&options);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_NETWORK);
  CHECK(token == NULL);
  CHECK_HAS(batch_error_message(err), "login.microsoftonline.com");
  CHECK_ERROR(err, BATCH_E_NETWORK, NULL, http, retryable, HAS_ID, message, help);
  CHECK_INT(emulator_requests("entra", ""), 0);
  batch_auth_free(auth);
}

TEST(proxy_that_refuses_the_host_is_named)
{
  emulator_fault("{\"listener\":\"proxy\",\"times\":0,\"fault\":{\"kind\":\"status\",\"status\":502}}");
  check_refused(emulator("PROXY"), 0, RETRYABLE, "refused to connect|proxy_url|127.0.0.1",
                "allowed by the proxy");
}

TEST(account_that_the_proxy_does_not_know_is_named)
{
  batch_auth_options_t options = proxied(emulator("PROXY"));
  batch_auth_t *auth = reader(&options);
  batch_jobs_t *jobs = NULL;
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;

  CHECK_OK(batch_list_jobs(auth, "nosuch.westeurope.batch.azure.com", NULL, &jobs, &err), err);
  CHECK_INT(batch_jobs_next(jobs, NULL, &job, &err), BATCH_E_NETWORK);
  CHECK(job == NULL);
  CHECK_ERROR(err, BATCH_E_NETWORK, NULL, 0, RETRYABLE, HAS_ID,
              "listing jobs at nosuch.westeurope.batch.azure.com|proxy", "proxy");
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

TEST(proxy_that_asks_for_a_password_says_where_to_put_it)
{
  emulator_switch("{\"proxy_auth\":\"user:password\"}");
  check_refused(emulator("PROXY"), 407, FINAL, "user name and password", "http://user:password@host:port");
}

TEST(user_name_and_password_are_given_to_the_proxy)
{
  char *proxy = text_of("http://user:pass%%3Aword@%s", emulator("PROXY") + strlen("http://"));
  batch_auth_options_t options = proxied(proxy);
  batch_auth_t *auth = reader(&options);

  emulator_switch("{\"proxy_auth\":\"user:pass:word\"}");
  CHECK_INT(count_jobs(auth, "single.westeurope.batch.azure.com"), 3);
  free(proxy);
  batch_auth_free(auth);
}

TEST(proxy_that_is_not_there_is_told_apart_from_the_host)
{
  check_refused("http://127.0.0.1:1", 0, RETRYABLE, "proxy http://127.0.0.1:1|cannot be reached",
                "proxy's address");
}

TEST(proxy_that_hangs_ends_in_a_timeout)
{
  batch_auth_options_t options = proxied(emulator("PROXY"));
  batch_auth_t *auth;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  options.timeout_ms = 300;
  auth = reader(&options);
  emulator_fault("{\"listener\":\"proxy\",\"times\":0,\"fault\":{\"kind\":\"hang\"}}");
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_TIMEOUT);
  CHECK(token == NULL);
  batch_error_free(err);
  batch_auth_free(auth);
}

/* Loopback is always reached directly: a proxy would be handed this machine's tokens. */
TEST(local_hosts_are_reached_without_the_proxy)
{
  batch_auth_options_t options = proxied("http://127.0.0.1:1");
  batch_auth_t *auth;
  batch_jobs_t *jobs;

  options.authority_host = emulator("ENTRA");
  auth = reader(&options);
  jobs = listing(auth, "SINGLE", NULL);
  CHECK_INT(take_rest(jobs), 3);
  CHECK_INT(emulator_requests("proxy", ""), 0);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* The proxy sees host and port; the certificate is checked behind it. */
TEST(certificate_behind_a_proxy_is_checked_for_the_real_host)
{
  batch_auth_options_t options = proxied(emulator("PROXY"));
  batch_auth_t *auth;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  options.ca_bundle_path = NULL; /* the system's authorities did not sign the emulator's */
  auth = reader(&options);
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_TLS);
  CHECK(token == NULL);
  batch_error_free(err);
  CHECK_INT(emulator_requests("entra", ""), 0);
  batch_auth_free(auth);
}

HARNESS_MAIN(RUN(real_hosts_of_the_public_cloud_are_reached),
             RUN(cloud_of_the_us_government_follows_from_the_accounts_host),
             RUN(cloud_of_china_follows_from_the_accounts_host),
             RUN(accounts_of_several_clouds_are_served_by_one_auth),
             RUN(cloud_that_was_chosen_goes_before_the_accounts),
             RUN(authority_of_a_cloud_brings_its_scope_along), RUN(proxy_that_refuses_the_host_is_named),
             RUN(account_that_the_proxy_does_not_know_is_named),
             RUN(proxy_that_asks_for_a_password_says_where_to_put_it),
             RUN(user_name_and_password_are_given_to_the_proxy),
             RUN(proxy_that_is_not_there_is_told_apart_from_the_host), RUN(proxy_that_hangs_ends_in_a_timeout),
             RUN(local_hosts_are_reached_without_the_proxy),
             RUN(certificate_behind_a_proxy_is_checked_for_the_real_host))
