/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The border of what signs in with an assertion: a callback that signs, a platform's token file, and a
 * user's token. What Entra makes of good assertions is tested in Rust, where they can be made.
 */
#include "harness.h"

#include <string.h>

/* What the signer answers, and what it has seen. */
typedef struct signer {
  const char *assertion;
  char endpoint[256];
  int asked, freed;
  batch_status_t as_token, as_assertion;
} signer_t;

static void sign(const char *token_endpoint, batch_sink_t *sink, void *user_data)
{
  signer_t *signer = (signer_t *)user_data;

  signer->asked++;
  signer->endpoint[0] = '\0';
  strncat(signer->endpoint, token_endpoint, sizeof signer->endpoint - 1);
  signer->as_token = batch_sink_token(sink, "a.b.c", 4102444800);
  signer->as_assertion = batch_sink_assertion(sink, signer->assertion);
}

static void count_free(void *user_data)
{
  ((signer_t *)user_data)->freed++;
}

TEST(signer_is_asked_for_the_endpoint_and_its_assertion_is_sent)
{
  signer_t signer;
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  memset(&signer, 0, sizeof signer);
  signer.assertion = "planted.by.signer";
  emulator_options_once(&options);
  CHECK_OK(batch_auth_new_client_assertion(emulator("TENANT"), emulator("FEDERATED_CLIENT_ID"), sign, &signer,
                                           count_free, &options, &auth, &err), err);
  CHECK_INT(signer.asked, 0);
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  CHECK_INT(signer.asked, 1);
  CHECK_INT(signer.as_token, BATCH_E_INVALID_ARGUMENT);
  CHECK_INT(signer.as_assertion, BATCH_OK);
  CHECK_HAS(signer.endpoint, emulator("ENTRA"));
  CHECK_HAS(signer.endpoint, "/oauth2/v2.0/token");
  CHECK_HAS(batch_error_service_code(err), "AADSTS");
  CHECK_HAS_NOT(batch_error_json(err, NULL), "planted");
  CHECK_INT(emulator_requests("entra", "/token"), 1);
  batch_error_free(err);
  CHECK_INT(signer.freed, 0);
  batch_auth_free(auth);
  CHECK_INT(signer.freed, 1);
}

TEST(assertion_arguments_are_checked_and_the_data_stays_the_callers)
{
  signer_t signer;
  batch_auth_t *auth = UNTOUCHED(batch_auth_t);
  batch_error_t *err = NULL;

  memset(&signer, 0, sizeof signer);
  CHECK_INT(batch_auth_new_client_assertion("contoso.example", "app", NULL, &signer, count_free, NULL, &auth,
                                            &err), BATCH_E_INVALID_ARGUMENT);
  CHECK(auth == NULL);
  CHECK_HAS(batch_error_message(err), "assertion is NULL");
  batch_error_free(err);
  CHECK_INT(batch_auth_new_client_assertion("common", "app", sign, &signer, count_free, NULL, &auth, &err),
            BATCH_E_INVALID_ARGUMENT);
  CHECK_HAS(batch_error_message(err), "common");
  batch_error_free(err);
  CHECK_INT(batch_auth_new_client_assertion("\xff", "app", sign, &signer, count_free, NULL, &auth, NULL),
            BATCH_E_INVALID_UTF8);
  CHECK_INT(signer.freed, 0);
}

TEST(workload_identity_names_what_the_environment_lacks)
{
  batch_auth_t *auth = UNTOUCHED(batch_auth_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_auth_new_workload_identity(NULL, NULL, NULL, NULL, &auth, &err),
            BATCH_E_CREDENTIAL_UNAVAILABLE);
  CHECK(auth == NULL);
  CHECK_HAS(batch_error_message(err), "AZURE_TENANT_ID|AZURE_CLIENT_ID|AZURE_FEDERATED_TOKEN_FILE");
  batch_error_free(err);
}

TEST(workload_identity_without_its_file_is_unavailable_when_a_token_is_wanted)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  emulator_options(&options);
  CHECK_OK(batch_auth_new_workload_identity(emulator("TENANT"), emulator("FEDERATED_CLIENT_ID"),
                                            "/nowhere/token", &options, &auth, &err), err);
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_CREDENTIAL_UNAVAILABLE);
  CHECK(token == NULL);
  CHECK_HAS(batch_error_message(err), "/nowhere/token");
  CHECK_INT(emulator_requests("", ""), 0);
  batch_error_free(err);
  batch_auth_free(auth);
}

TEST(users_token_that_is_none_is_refused_by_entra_and_bad_arguments_before)
{
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  emulator_options_once(&options);
  CHECK_OK(batch_auth_new_on_behalf_of(emulator("TENANT"), emulator("MIDDLE_TIER_CLIENT_ID"),
                                       emulator("MIDDLE_TIER_CLIENT_SECRET"), "planted.users.token", &options,
                                       &auth, &err), err);
  CHECK_INT(batch_get_token(auth, NULL, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  CHECK_HAS_NOT(batch_error_json(err, NULL), "planted");
  batch_error_free(err);
  batch_auth_free(auth);

  auth = UNTOUCHED(batch_auth_t);
  CHECK_INT(batch_auth_new_on_behalf_of("contoso.example", "app", "secret", "a b", NULL, &auth, &err),
            BATCH_E_INVALID_ARGUMENT);
  CHECK(auth == NULL);
  CHECK_HAS(batch_error_message(err), "user_assertion");
  batch_error_free(err);
  CHECK_INT(batch_auth_new_on_behalf_of("contoso.example", "app", "secret", NULL, NULL, &auth, NULL),
            BATCH_E_INVALID_ARGUMENT);
}

HARNESS_MAIN(RUN(signer_is_asked_for_the_endpoint_and_its_assertion_is_sent),
             RUN(assertion_arguments_are_checked_and_the_data_stays_the_callers),
             RUN(workload_identity_names_what_the_environment_lacks),
             RUN(workload_identity_without_its_file_is_unavailable_when_a_token_is_wanted),
             RUN(users_token_that_is_none_is_refused_by_entra_and_bad_arguments_before))
