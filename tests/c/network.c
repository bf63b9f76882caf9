/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Between us and the services: hosts that are not there, certificates that are not right, redirects.
 * The call ends in an error that tells these apart, and nothing is sent where it does not belong.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- connections */
/* Names under .invalid never resolve (RFC 6761, 6.4), with or without a network. */
TEST(host_that_is_not_there_is_told_as_a_name_that_does_not_resolve)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  options.authority_host = "https://login.invalid";
  err = token_failure(&options, BATCH_E_NETWORK);
  CHECK_ERROR(err, BATCH_E_NETWORK, NULL, 0, RETRYABLE, HAS_ID, "login.invalid|cannot be resolved", "DNS");
}

TEST(refused_connection_is_told_as_refused)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  options.authority_host = "https://127.0.0.1:1"; /* tcpmux: nobody listens there any more */
  err = token_failure(&options, BATCH_E_NETWORK);
  CHECK_ERROR(err, BATCH_E_NETWORK, NULL, 0, RETRYABLE, HAS_ID, "127.0.0.1:1|refused", "host and port");
}

TEST(port_that_speaks_no_tls_is_a_tls_error)
{
  batch_auth_options_t options;
  batch_error_t *err;
  char *host = text_of("https://%s", emulator("ADMIN") + strlen("http://"));

  emulator_options_once(&options);
  options.authority_host = host;
  err = token_failure(&options, BATCH_E_TLS);
  CHECK_ERROR(err, BATCH_E_TLS, NULL, 0, FINAL, HAS_ID, "secure connection", "speaks TLS");
  free(host);
}

static void check_certificate(const char *listener, const char *journal_name, const char *message,
                              const char *help)
{
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
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
  batch_auth_options_t options;
  batch_error_t *err;

  emulator_options_once(&options);
  options.ca_bundle_path = NULL;
  err = token_failure(&options, BATCH_E_TLS);
  batch_error_free(err);
  CHECK_INT(emulator_requests("", ""), 0);
}

TEST(batch_account_with_an_untrusted_certificate_gets_no_token)
{
  batch_auth_options_t options;
  batch_auth_t *auth;
  batch_jobs_t *jobs = NULL;
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;

  emulator_options_once(&options);
  auth = reader(&options);
  CHECK_OK(batch_list_jobs(auth, emulator("UNTRUSTED"), NULL, &jobs, &err), err);
  CHECK_INT(batch_jobs_next(jobs, NULL, &job, &err), BATCH_E_TLS);
  CHECK(job == NULL);
  CHECK_ERROR(err, BATCH_E_TLS, NULL, 0, FINAL, HAS_ID, "listing jobs|not trusted", "ca_bundle_path");
  CHECK_INT(emulator_requests("untrusted", ""), 0);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

/* --------------------------------------------------------------- redirects */
static void check_redirect(const char *listener, int code)
{
  batch_auth_options_t options;
  const char *to = emulator("BATCH_SINGLE");
  batch_error_t *err;
  char *status = text_of("HTTP %d", code);

  emulator_options_once(&options);
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

HARNESS_MAIN(RUN(host_that_is_not_there_is_told_as_a_name_that_does_not_resolve),
             RUN(refused_connection_is_told_as_refused), RUN(port_that_speaks_no_tls_is_a_tls_error),
             RUN(untrusted_certificate_is_refused_before_anything_is_sent),
             RUN(certificate_of_another_host_is_refused_before_anything_is_sent),
             RUN(expired_certificate_is_refused_before_anything_is_sent),
             RUN(authority_that_only_the_bundle_knows_is_untrusted_without_it),
             RUN(batch_account_with_an_untrusted_certificate_gets_no_token),
             RUN(redirect_of_the_token_request_is_not_followed), RUN(redirect_of_a_listing_is_not_followed))
