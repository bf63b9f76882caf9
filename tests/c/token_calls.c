/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What one call for a token may want of its own: another scope or tenant, claims, a correlation id.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#define CLAIMS "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1767225300\"}}}"

TEST(claims_challenge_goes_to_entra_and_is_met)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *first = token_of(auth, NULL), *second;
  batch_call_options_t call;

  batch_call_options_init(&call, sizeof call);
  call.claims = CLAIMS;
  second = token_of(auth, &call);
  check_same(first, second, 0);
  CHECK_HAS(batch_token_claims(second, NULL), "1767225300|CP1");
  CHECK_INT(token_requests(), 2);
  batch_token_free(first);
  batch_token_free(second);
  batch_auth_free(auth);
}

static void refuse_call(const batch_call_options_t *call, batch_status_t status, const char *message,
                        const char *help)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  CHECK_INT(batch_get_token(auth, call, &token, &err), status);
  CHECK(token == NULL);
  CHECK_ERROR(err, status, NULL, 0, FINAL, NO_ID, message, help);
  CHECK_INT(emulator_requests("", ""), 0);
  batch_auth_free(auth);
}

TEST(claims_that_are_no_json_object_are_refused)
{
  batch_call_options_t call;

  batch_call_options_init(&call, sizeof call);
  call.claims = "not json";
  refuse_call(&call, BATCH_E_INVALID_ARGUMENT, "claims|JSON", "base64");
  call.claims = "[]";
  refuse_call(&call, BATCH_E_INVALID_ARGUMENT, "claims|JSON object", "base64");
  call.claims = "{\"x\":\"\xff\"}";
  refuse_call(&call, BATCH_E_INVALID_UTF8, "claims", "UTF-8");
}

TEST(call_options_that_cannot_be_right_are_named)
{
  batch_call_options_t call;

  batch_call_options_init(&call, sizeof call);
  call.scope = "two \"scopes\"";
  refuse_call(&call, BATCH_E_INVALID_ARGUMENT, "scope", NULL);
  batch_call_options_init(&call, sizeof call);
  call.tenant_id = "a/b";
  refuse_call(&call, BATCH_E_INVALID_ARGUMENT, "tenant_id|a/b", "Tenant ID");
  batch_call_options_init(&call, sizeof call);
  call.correlation_id = "two words";
  refuse_call(&call, BATCH_E_INVALID_ARGUMENT, "correlation_id|ASCII", NULL);
}

TEST(other_tenant_is_asked_only_where_that_was_allowed)
{
  batch_auth_options_t options;
  batch_call_options_t call;
  batch_auth_t *auth;
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;
  char *path = text_of("/%s/", emulator("OTHER_TENANT"));

  batch_call_options_init(&call, sizeof call);
  call.tenant_id = emulator("OTHER_TENANT");
  refuse_call(&call, BATCH_E_AUTHENTICATION_FAILED, "tenant", "additionally_allowed_tenants");

  emulator_options(&options);
  options.additionally_allowed_tenants = "*";
  auth = reader(&options);
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  /* The application is not known there, which is for that tenant to say. */
  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, "AADSTS700016", 400, FINAL, HAS_ID, "not found",
              "client_id");
  CHECK_INT(emulator_requests("entra", path), 1);
  free(path);
  batch_auth_free(auth);
}

TEST(own_tenant_may_be_named_by_a_call)
{
  batch_auth_t *auth = reader(NULL);
  batch_call_options_t call;

  batch_call_options_init(&call, sizeof call);
  call.tenant_id = emulator("TENANT");
  batch_token_free(token_of(auth, &call));
  batch_token_free(token_of(auth, NULL));
  CHECK_INT(token_requests(), 1); /* one tenant, one token */
  batch_auth_free(auth);
}

TEST(scopes_have_tokens_of_their_own)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *batch = token_of(auth, NULL), *graph, *again;
  batch_call_options_t call;

  batch_call_options_init(&call, sizeof call);
  call.scope = "https://graph.microsoft.com/.default";
  graph = token_of(auth, &call);
  CHECK_HAS(batch_token_claims(graph, NULL), "\"aud\":\"https://graph.microsoft.com\"");
  again = token_of(auth, NULL);
  check_same(batch, again, 1);
  CHECK_INT(token_requests(), 2);
  batch_token_free(batch);
  batch_token_free(graph);
  batch_token_free(again);
  batch_auth_free(auth);
}

TEST(scope_that_entra_does_not_know_points_at_the_right_one)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_call_options_t call;
  batch_error_t *err = NULL;

  batch_call_options_init(&call, sizeof call);
  call.scope = "https://batch.core.windows.net/";
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, "AADSTS1002012", 400, FINAL, HAS_ID, "scope",
              "https://batch.core.windows.net//.default");
  call.scope = "https://unknown.example/.default";
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_AUTHENTICATION_FAILED);
  CHECK_ERROR(err, BATCH_E_AUTHENTICATION_FAILED, "AADSTS500011", 400, FINAL, HAS_ID, "unknown.example",
              "Batch scope");
  batch_auth_free(auth);
}

TEST(correlation_id_goes_out_as_it_was_given)
{
  batch_auth_t *auth = reader(NULL);
  batch_call_options_t call;
  char *journal;

  batch_call_options_init(&call, sizeof call);
  call.correlation_id = "0b5e55ed-0000-4000-8000-0000000000ff";
  batch_token_free(token_of(auth, &call));
  journal = emulator_journal();
  CHECK_HAS(journal, "[\"client-request-id\",\"0b5e55ed-0000-4000-8000-0000000000ff\"]");
  free(journal);
  batch_auth_free(auth);
}

HARNESS_MAIN(RUN(claims_challenge_goes_to_entra_and_is_met), RUN(claims_that_are_no_json_object_are_refused),
             RUN(call_options_that_cannot_be_right_are_named),
             RUN(other_tenant_is_asked_only_where_that_was_allowed), RUN(own_tenant_may_be_named_by_a_call),
             RUN(scopes_have_tokens_of_their_own), RUN(scope_that_entra_does_not_know_points_at_the_right_one),
             RUN(correlation_id_goes_out_as_it_was_given))
