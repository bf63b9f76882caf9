/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Signing in with a client secret: what goes out, and each way in which it is refused, first by our
 * own check of the arguments and then by Entra.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

static batch_auth_t *sign_in(const char *tenant, const char *client, const char *secret)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;

  emulator_options(&options);
  CHECK_OK(batch_auth_new_client_secret(tenant, client, secret, &options, &auth, &err), err);
  return auth;
}

/* Entra refuses: at once, for good, with its code and our advice. */
static void check_refused(const char *tenant, const char *client, const char *secret, const char *code,
                          int32_t http, const char *message, const char *help)
{
  batch_auth_t *auth = sign_in(tenant, client, secret);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  CHECK_INT(batch_error_retry_after_ms(err), -1);
  CHECK_HAS(batch_error_message(err), code);
  CHECK_HAS(batch_error_message(err), "localhost");
  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, code, http, FINAL, HAS_ID, message, help);
  CHECK_INT(emulator_requests("entra", "/token"), 1); /* a refusal is not retried */
  batch_auth_free(auth);
}

TEST(right_secret_gets_a_token_for_batch_and_the_tenant)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;
  const char *claims;
  char *journal;

  CHECK_INT(emulator_requests("", ""), 0); /* making one asks nobody */
  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  claims = batch_token_claims(token, NULL);
  /* With its slash: without it, Batch refuses the token. */
  CHECK_HAS(claims, "\"aud\":\"https://batch.core.windows.net/\"");
  CHECK_HAS(claims, emulator("TENANT"));
  CHECK_HAS(claims, emulator("CLIENT_ID"));

  journal = emulator_journal();
  CHECK_HAS(journal, "\"method\":\"POST\"|/oauth2/v2.0/token|application/x-www-form-urlencoded");
  CHECK_HAS(journal, "[\"grant_type\",\"client_credentials\"]|client-request-id|batch-auth/");
  CHECK_HAS(journal, "[\"scope\",\"https://batch.core.windows.net//.default\"]");
  free(journal);
  CHECK_INT(emulator_requests("", ""), 1);
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(tenant_may_be_given_by_its_domain)
{
  batch_auth_t *auth = sign_in(emulator("TENANT_DOMAIN"), emulator("CLIENT_ID"), emulator("CLIENT_SECRET"));
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK_HAS(batch_token_claims(token, NULL), emulator("TENANT"));
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(tenant_and_application_may_be_in_capitals)
{
  batch_auth_t *auth = sign_in("C0000000-7E4A-4000-8000-000000000001",
                               "AAAA0000-0000-4000-8000-00000000000A", emulator("CLIENT_SECRET"));
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK_HAS(batch_token_claims(token, NULL), emulator("TENANT"));
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(wrong_secret_names_the_code_and_the_fix)
{
  check_refused(emulator("TENANT"), emulator("CLIENT_ID"), "not-the-value", "AADSTS7000215", 401,
                "Invalid client secret|application|tenant", "Value|Certificates & secrets");
}

/* The usual mistake: the secret's ID was pasted instead of its Value. */
TEST(secret_id_in_place_of_the_value_is_recognised)
{
  check_refused(emulator("TENANT"), emulator("CLIENT_ID"), emulator("CLIENT_SECRET_ID"), "AADSTS7000215", 401,
                "Invalid client secret", "has the form of a Secret ID|Value");
}

TEST(expired_secret_asks_for_a_new_one)
{
  check_refused(emulator("TENANT"), emulator("EXPIRED_CLIENT_ID"), emulator("EXPIRED_CLIENT_SECRET"),
                "AADSTS7000222", 401, "expired", "Make a new secret");
}

TEST(unknown_tenant_points_at_tenant_and_cloud)
{
  check_refused("11111111-2222-4333-8444-555555555555", emulator("CLIENT_ID"), emulator("CLIENT_SECRET"),
                "AADSTS90002", 400, "11111111-2222-4333-8444-555555555555|not found", "tenant_id|cloud");
}

TEST(malformed_tenant_asks_for_id_or_domain)
{
  check_refused("contoso", emulator("CLIENT_ID"), emulator("CLIENT_SECRET"), "AADSTS900023", 400,
                "contoso", "GUID|domain");
}

TEST(unknown_application_points_at_client_id)
{
  check_refused(emulator("TENANT"), "11111111-2222-4333-8444-555555555555", emulator("CLIENT_SECRET"),
                "AADSTS700016", 400, "11111111-2222-4333-8444-555555555555|not found", "client_id|tenant_id");
}

TEST(application_of_another_tenant_is_unknown_in_this_one)
{
  check_refused(emulator("TENANT"), emulator("STRANGER_CLIENT_ID"), emulator("STRANGER_CLIENT_SECRET"),
                "AADSTS700016", 400, "not found", "another tenant");
}

TEST(disabled_application_asks_to_be_enabled)
{
  check_refused(emulator("TENANT"), emulator("DISABLED_CLIENT_ID"), emulator("DISABLED_CLIENT_SECRET"),
                "AADSTS7000112", 400, "disabled", "Enable");
}

TEST(rotated_secret_is_refused_until_the_new_one_is_given)
{
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;
  batch_auth_t *auth;

  emulator_switch("{\"secrets\":{\"reader\":\"the-new-one\"}}");
  auth = sign_in(emulator("TENANT"), emulator("CLIENT_ID"), "the-new-one");
  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  batch_token_free(token);
  batch_auth_free(auth);
  emulator_forget_requests();
  check_refused(emulator("TENANT"), emulator("CLIENT_ID"), emulator("CLIENT_SECRET"), "AADSTS7000215", 401,
                "Invalid client secret", "Value");
}

/* The request id of the error is the one that Entra logged. */
TEST(request_id_of_a_refusal_is_the_one_that_was_sent)
{
  batch_auth_t *auth = sign_in(emulator("TENANT"), emulator("CLIENT_ID"), "not-the-value");
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;
  char *journal;

  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  journal = emulator_journal();
  CHECK_HAS(journal, batch_error_request_id(err));
  free(journal);
  batch_error_free(err);
  batch_auth_free(auth);
}

/* --------------------------------------------------------------- arguments */
static void refuse(const char *tenant, const char *client, const char *secret, batch_status_t status,
                   const char *message, const char *help)
{
  batch_auth_t *auth = UNTOUCHED(batch_auth_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_auth_new_client_secret(tenant, client, secret, NULL, &auth, &err), status);
  CHECK(auth == NULL);
  CHECK_HAS_NOT(batch_error_json(err, NULL), "planted");
  CHECK_ERROR(err, status, NULL, 0, FINAL, NO_ID, message, help);
}

TEST(null_argument_is_named)
{
  refuse(NULL, "app", "secret", BATCH_E_INVALID_ARGUMENT, "tenant_id is NULL", NULL);
  refuse("contoso.example", NULL, "secret", BATCH_E_INVALID_ARGUMENT, "client_id is NULL", NULL);
  refuse("contoso.example", "app", NULL, BATCH_E_INVALID_ARGUMENT, "client_secret is NULL", NULL);
}

TEST(empty_argument_is_named)
{
  refuse("", "app", "secret", BATCH_E_INVALID_ARGUMENT, "tenant_id", "Tenant ID");
  refuse("contoso.example", "", "secret", BATCH_E_INVALID_ARGUMENT, "client_id", NULL);
  refuse("contoso.example", "app", "", BATCH_E_INVALID_ARGUMENT, "client_secret|empty", "Value");
}

TEST(argument_that_is_not_utf8_is_named_with_the_place)
{
  refuse("contoso\xff", "app", "secret", BATCH_E_INVALID_UTF8, "tenant_id|byte 7", "UTF-8");
  refuse("contoso.example", "\xc3\x28", "secret", BATCH_E_INVALID_UTF8, "client_id|byte 0", "UTF-8");
  refuse("contoso.example", "app", "planted\xe9", BATCH_E_INVALID_UTF8, "client_secret|byte 7", "UTF-8");
}

/* A secret read from a file brings its line end along. */
TEST(control_characters_are_refused_and_secrets_not_shown)
{
  refuse("contoso\n", "app", "secret", BATCH_E_INVALID_ARGUMENT, "tenant_id", "Tenant ID");
  refuse("contoso.example", "app\t", "secret", BATCH_E_INVALID_ARGUMENT, "client_id", NULL);
  refuse("contoso.example", "app", "planted\n", BATCH_E_INVALID_ARGUMENT, "client_secret|control characters",
         "line end");
  refuse("contoso.example", "app", "planted\x7f", BATCH_E_INVALID_ARGUMENT, "client_secret", "line end");
}

TEST(tenant_that_would_change_the_url_is_refused)
{
  refuse("contoso.example/..", "app", "secret", BATCH_E_INVALID_ARGUMENT, "tenant_id", "Tenant ID");
  refuse("contoso?x", "app", "secret", BATCH_E_INVALID_ARGUMENT, "tenant_id", "Tenant ID");
  refuse("..", "app", "secret", BATCH_E_INVALID_ARGUMENT, "tenant_id", "Tenant ID");
}

TEST(endpoint_that_tenants_share_is_refused_for_an_application)
{
  refuse("common", "app", "secret", BATCH_E_INVALID_ARGUMENT, "tenant_id|common", "Tenant ID");
  refuse("Organizations", "app", "secret", BATCH_E_INVALID_ARGUMENT, "tenant_id|organizations", "Tenant ID");
  refuse("consumers", "app", "secret", BATCH_E_INVALID_ARGUMENT, "tenant_id|consumers", "Tenant ID");
}

TEST(long_values_are_cut_in_messages)
{
  char *tenant = text_of("%0300d", 0);
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;

  CHECK_INT(batch_auth_new_client_secret(tenant, "app", "secret", NULL, &auth, &err),
            BATCH_E_INVALID_ARGUMENT);
  CHECK(strlen(batch_error_message(err)) < 250);
  batch_error_free(err);
  free(tenant);
}

HARNESS_MAIN(RUN(right_secret_gets_a_token_for_batch_and_the_tenant), RUN(tenant_may_be_given_by_its_domain),
             RUN(tenant_and_application_may_be_in_capitals), RUN(wrong_secret_names_the_code_and_the_fix),
             RUN(secret_id_in_place_of_the_value_is_recognised), RUN(expired_secret_asks_for_a_new_one),
             RUN(unknown_tenant_points_at_tenant_and_cloud), RUN(malformed_tenant_asks_for_id_or_domain),
             RUN(unknown_application_points_at_client_id),
             RUN(application_of_another_tenant_is_unknown_in_this_one),
             RUN(disabled_application_asks_to_be_enabled),
             RUN(rotated_secret_is_refused_until_the_new_one_is_given),
             RUN(request_id_of_a_refusal_is_the_one_that_was_sent), RUN(null_argument_is_named),
             RUN(empty_argument_is_named), RUN(argument_that_is_not_utf8_is_named_with_the_place),
             RUN(control_characters_are_refused_and_secrets_not_shown),
             RUN(tenant_that_would_change_the_url_is_refused),
             RUN(endpoint_that_tenants_share_is_refused_for_an_application),
             RUN(long_values_are_cut_in_messages))
