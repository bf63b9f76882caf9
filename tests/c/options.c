/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The option structs: sizes of older, newer and broken callers, flags, and each field's own rule.
 * Structs of odd sizes live in blocks of exactly that size, so that valgrind sees a byte too many.
 */
#include "harness.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FOR_EVER 4102444800 /* 2100-01-01, in seconds since 1970 */

/* Makes an auth, for the sake of its options only. */
static batch_status_t with(const batch_auth_options_t *options, batch_error_t **err)
{
  batch_auth_t *auth = UNTOUCHED(batch_auth_t);
  batch_status_t status =
      batch_auth_new_client_secret("contoso.example", "app", "secret", options, &auth, err);

  CHECK((auth != NULL) == (status == BATCH_OK));
  CHECK((*err != NULL) == (status != BATCH_OK));
  batch_auth_free(auth);
  return status;
}

/* A struct of `size` bytes which says `struct_size`; every byte beyond the known ones is `filler`. */
static void *sized(size_t size, uint32_t struct_size, const void *known, size_t known_size, int filler)
{
  void *block = malloc(size);

  CHECK(block != NULL);
  memset(block, filler, size);
  memcpy(block, known, size < known_size ? size : known_size);
  memcpy(block, &struct_size, sizeof struct_size);
  return block;
}

static batch_status_t with_size(size_t size, uint32_t struct_size, int filler, batch_error_t **err)
{
  batch_auth_options_t usual;
  batch_status_t status;
  void *block;

  batch_auth_options_init(&usual, sizeof usual);
  block = sized(size, struct_size, &usual, sizeof usual, filler);
  status = with((const batch_auth_options_t *)block, err);
  free(block);
  return status;
}

/* Of `size` bytes, init writes exactly so many, the first four of which say so. */
static void check_init(void (*init)(void *, uint32_t), uint32_t size)
{
  unsigned char *block = (unsigned char *)malloc(size + 16u);
  uint32_t written = 0, i;

  CHECK(block != NULL);
  memset(block, 0xaa, size + 16u);
  init(block, size);
  for (i = size; i < size + 16u; i++)
    CHECK_INT(block[i], 0xaa);
  if (size >= sizeof written) {
    memcpy(&written, block, sizeof written);
    CHECK_INT(written, size);
    CHECK(memchr(block + sizeof written, 0xaa, size - sizeof written) == NULL);
  } else {
    CHECK(size == 0 || block[0] == 0xaa);
  }
  free(block);
}

static void init_auth(void *block, uint32_t size)
{
  batch_auth_options_init((batch_auth_options_t *)block, size);
}

static void init_call(void *block, uint32_t size)
{
  batch_call_options_init((batch_call_options_t *)block, size);
}

static void init_list(void *block, uint32_t size)
{
  batch_list_options_init((batch_list_options_t *)block, size);
}

TEST(init_writes_exactly_as_many_bytes_as_it_is_told)
{
  uint32_t size;

  for (size = 0; size <= sizeof(batch_auth_options_t) + 64u; size++) {
    check_init(init_auth, size);
    check_init(init_call, size);
    check_init(init_list, size);
  }
}

TEST(init_of_null_does_nothing)
{
  batch_auth_options_init(NULL, sizeof(batch_auth_options_t));
  batch_call_options_init(NULL, sizeof(batch_call_options_t));
  batch_list_options_init(NULL, sizeof(batch_list_options_t));
}

TEST(init_sets_the_documented_defaults)
{
  batch_auth_options_t auth;
  batch_call_options_t call;
  batch_list_options_t list;

  batch_auth_options_init(&auth, sizeof auth);
  CHECK_INT(auth.struct_size, sizeof auth);
  CHECK_INT(auth.flags, 0);
  CHECK_INT(auth.cloud, BATCH_CLOUD_AUTO);
  CHECK_INT(auth.timeout_ms, 100000);
  CHECK_INT(auth.max_retries, 3);
  CHECK_INT(auth.refresh_margin_s, 300);
  CHECK(auth.authority_host == NULL && auth.scope == NULL && auth.additionally_allowed_tenants == NULL);
  CHECK(auth.ca_bundle_path == NULL && auth.proxy_url == NULL && auth.user_agent_suffix == NULL);
  CHECK(auth.cache_name == NULL);

  batch_call_options_init(&call, sizeof call);
  CHECK_INT(call.struct_size, sizeof call);
  CHECK(call.flags == 0 && call.timeout_ms == 0 && call.reserved == 0 && call.cancel == NULL);
  CHECK(call.scope == NULL && call.tenant_id == NULL && call.claims == NULL && call.correlation_id == NULL);

  batch_list_options_init(&list, sizeof list);
  CHECK_INT(list.struct_size, sizeof list);
  CHECK(list.max_results == 0 && list.max_items == 0 && list.server_timeout_s == 0 && list.reserved == 0);
  CHECK(list.filter == NULL && list.select == NULL && list.expand == NULL && list.job_schedule_id == NULL);
  CHECK(list.api_version == NULL && list.continuation == NULL);
}

TEST(null_options_are_the_defaults)
{
  batch_error_t *err = NULL;

  CHECK_OK(with(NULL, &err), err);
}

TEST(struct_size_that_was_never_set_is_refused_and_init_is_named)
{
  batch_error_t *err = NULL;

  CHECK_INT(with_size(sizeof(batch_auth_options_t), 0, 0, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "struct_size is 0",
              "batch_auth_options_init");
  CHECK_INT(with_size(4, 3, 0, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "struct_size is 3",
              "batch_auth_options_init");
}

TEST(smallest_struct_is_read_no_further_than_its_size)
{
  batch_error_t *err = NULL;

  CHECK_OK(with_size(4, 4, 0, &err), err);
}

/* What the caller does not have counts as default, whatever stands behind it in memory. */
TEST(older_callers_struct_is_read_as_far_as_it_goes)
{
  batch_auth_options_t options;
  batch_error_t *err = NULL;

  batch_auth_options_init(&options, sizeof options);
  options.struct_size = offsetof(batch_auth_options_t, cache_name);
  options.cache_name = "not read";
  CHECK_OK(with(&options, &err), err);

  options.struct_size = offsetof(batch_auth_options_t, authority_host);
  options.authority_host = "ftp://not read";
  CHECK_OK(with(&options, &err), err);
  options.struct_size = offsetof(batch_auth_options_t, scope);
  CHECK_INT(with(&options, &err), BATCH_E_INVALID_ARGUMENT);
  batch_error_free(err);
}

TEST(field_that_an_older_struct_holds_in_part_has_its_default)
{
  batch_auth_options_t options;
  batch_error_t *err = NULL;

  batch_auth_options_init(&options, sizeof options);
  options.cache_name = "not read";
  options.struct_size = sizeof options - 1;
  CHECK_OK(with(&options, &err), err);
}

TEST(every_size_up_to_the_known_one_is_taken)
{
  batch_error_t *err = NULL;
  uint32_t size;

  for (size = 4; size <= sizeof(batch_auth_options_t); size++)
    CHECK_OK(with_size(size, size, 0, &err), err);
}

TEST(newer_callers_struct_is_taken_while_its_unknown_bytes_are_zero)
{
  const uint32_t larger = sizeof(batch_auth_options_t) + 24;
  batch_error_t *err = NULL;

  CHECK_OK(with_size(larger, larger, 0, &err), err);
}

TEST(newer_callers_struct_with_an_unknown_field_set_is_refused)
{
  const uint32_t larger = sizeof(batch_auth_options_t) + 24;
  batch_auth_options_t usual;
  batch_error_t *err = NULL;
  unsigned char *block;

  batch_auth_options_init(&usual, sizeof usual);
  /* The last byte alone. */
  block = (unsigned char *)sized(larger, larger, &usual, sizeof usual, 0);
  block[larger - 1] = 1;
  CHECK_INT(with((const batch_auth_options_t *)(void *)block, &err), BATCH_E_UNSUPPORTED);
  CHECK_ERROR(err, BATCH_E_UNSUPPORTED, NULL, 0, FINAL, NO_ID, "auth_options", "newer library");
  free(block);
}

/* An uninitialised struct: nothing beyond what can be there is read. */
TEST(absurdly_large_struct_size_is_refused_unread)
{
  batch_error_t *err = NULL;

  CHECK_INT(with_size(sizeof(batch_auth_options_t), UINT32_MAX, 0, &err), BATCH_E_UNSUPPORTED);
  CHECK_ERROR(err, BATCH_E_UNSUPPORTED, NULL, 0, FINAL, NO_ID, "struct_size is 4294967295",
              "batch_auth_options_init");
  CHECK_INT(with_size(sizeof(batch_auth_options_t), 1u << 20, 0, &err), BATCH_E_UNSUPPORTED);
  batch_error_free(err);
}

TEST(call_and_list_options_follow_the_same_rules_of_size)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_jobs_t *jobs = UNTOUCHED(batch_jobs_t);
  batch_call_options_t call;
  batch_list_options_t list;
  batch_error_t *err = NULL;
  unsigned char *block;

  batch_call_options_init(&call, sizeof call);
  call.struct_size = 0;
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "struct_size",
              "batch_call_options_init");
  call.struct_size = offsetof(batch_call_options_t, scope);
  call.scope = "\"not read\"";
  CHECK_OK(batch_get_token(auth, &call, &token, &err), err);
  batch_token_free(token);

  batch_list_options_init(&list, sizeof list);
  list.struct_size = 3;
  CHECK_INT(batch_list_jobs(auth, emulator("BATCH_EMPTY"), &list, &jobs, &err), BATCH_E_INVALID_ARGUMENT);
  CHECK(jobs == NULL);
  CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "struct_size",
              "batch_list_options_init");
  list.struct_size = offsetof(batch_list_options_t, continuation);
  list.continuation = "not read";
  CHECK_OK(batch_list_jobs(auth, emulator("BATCH_EMPTY"), &list, &jobs, &err), err);
  batch_jobs_free(jobs);

  list.continuation = NULL;
  block = (unsigned char *)sized(sizeof list + 8, sizeof list + 8, &list, sizeof list, 1);
  CHECK_INT(batch_list_jobs(auth, emulator("BATCH_EMPTY"), (const batch_list_options_t *)(void *)block,
                            &jobs, &err),
            BATCH_E_UNSUPPORTED);
  CHECK(jobs == NULL);
  batch_error_free(err);
  free(block);
  batch_auth_free(auth);
}

TEST(unknown_flags_are_refused_and_known_ones_taken)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_auth_options_t options;
  batch_call_options_t call;
  batch_error_t *err = NULL;

  batch_auth_options_init(&options, sizeof options);
  options.flags = BATCH_AUTH_SEND_CERTIFICATE_CHAIN | BATCH_AUTH_DISABLE_AUTOMATIC_PROMPT |
                  BATCH_AUTH_UNENCRYPTED_CACHE_ALLOWED;
  CHECK_OK(with(&options, &err), err);
  options.flags = 0x80000000u;
  CHECK_INT(with(&options, &err), BATCH_E_UNSUPPORTED);
  CHECK_ERROR(err, BATCH_E_UNSUPPORTED, NULL, 0, FINAL, NO_ID, "flags|0x80000000", NULL);

  batch_call_options_init(&call, sizeof call);
  call.flags = 8u;
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_UNSUPPORTED);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_UNSUPPORTED, NULL, 0, FINAL, NO_ID, "flags", "batch_call_options_init");
  CHECK_INT(emulator_requests("", ""), 0);
  batch_auth_free(auth);
}

TEST(reserved_fields_that_are_set_are_refused)
{
  batch_auth_t *auth = reader(NULL);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_jobs_t *jobs = UNTOUCHED(batch_jobs_t);
  batch_call_options_t call;
  batch_list_options_t list;
  batch_error_t *err = NULL;

  batch_call_options_init(&call, sizeof call);
  call.reserved = 1;
  CHECK_INT(batch_get_token(auth, &call, &token, &err), BATCH_E_UNSUPPORTED);
  CHECK(token == NULL);
  CHECK_ERROR(err, BATCH_E_UNSUPPORTED, NULL, 0, FINAL, NO_ID, "reserved", "batch_call_options_init");

  batch_list_options_init(&list, sizeof list);
  list.reserved = 1;
  CHECK_INT(batch_list_jobs(auth, emulator("BATCH_EMPTY"), &list, &jobs, &err), BATCH_E_UNSUPPORTED);
  CHECK(jobs == NULL);
  CHECK_ERROR(err, BATCH_E_UNSUPPORTED, NULL, 0, FINAL, NO_ID, "reserved", "batch_list_options_init");
  batch_auth_free(auth);
}

TEST(clouds_that_are_none_are_refused)
{
  static const int32_t none[] = { -1, 4, INT32_MIN, INT32_MAX };
  batch_auth_options_t options;
  batch_error_t *err = NULL;
  size_t i;

  batch_auth_options_init(&options, sizeof options);
  for (options.cloud = 0; options.cloud <= BATCH_CLOUD_CHINA; options.cloud++)
    CHECK_OK(with(&options, &err), err);
  for (i = 0; i < sizeof none / sizeof none[0]; i++) {
    options.cloud = none[i];
    CHECK_INT(with(&options, &err), BATCH_E_INVALID_ARGUMENT);
    CHECK_ERROR(err, BATCH_E_INVALID_ARGUMENT, NULL, 0, FINAL, NO_ID, "cloud|BATCH_CLOUD_", NULL);
  }
}

/* One option set to a value that cannot be right; all others at their defaults. */
static void refuse_option(size_t offset, const char *value, batch_status_t status, const char *message,
                          const char *help)
{
  batch_auth_options_t options;
  batch_error_t *err = NULL;

  batch_auth_options_init(&options, sizeof options);
  memcpy((char *)&options + offset, &value, sizeof value);
  CHECK_INT(with(&options, &err), status);
  CHECK_ERROR(err, status, NULL, 0, FINAL, NO_ID, message, help);
}

#define REFUSE(option, value, status, message, help) \
  refuse_option(offsetof(batch_auth_options_t, option), value, status, message, help)

TEST(option_that_cannot_be_right_is_named_with_its_rule)
{
  REFUSE(authority_host, "http://login.example", BATCH_E_INVALID_ARGUMENT, "authority_host|https",
         "login.microsoftonline.com");
  REFUSE(authority_host, "https://login.example/?x", BATCH_E_INVALID_ARGUMENT, "authority_host|query",
         "login.microsoftonline.com");
  REFUSE(authority_host, "not a host", BATCH_E_INVALID_ARGUMENT, "authority_host", "https://host");
  REFUSE(scope, "a \"quoted\" scope", BATCH_E_INVALID_ARGUMENT, "scope", NULL);
  REFUSE(additionally_allowed_tenants, "a;b/c", BATCH_E_INVALID_ARGUMENT,
         "additionally_allowed_tenants|b/c", NULL);
  REFUSE(proxy_url, "socks5://10.0.0.1", BATCH_E_INVALID_ARGUMENT, "proxy_url|http://|socks5", "host:port");
  REFUSE(proxy_url, "http://", BATCH_E_INVALID_ARGUMENT, "proxy_url", "host:port");
  REFUSE(user_agent_suffix, "two\r\nlines", BATCH_E_INVALID_ARGUMENT, "user_agent_suffix|ASCII", NULL);
  REFUSE(cache_name, "mine", BATCH_E_UNSUPPORTED, "cache_name|persistent cache", "NULL");
}

TEST(ca_bundle_that_cannot_be_used_is_told_apart)
{
  REFUSE(ca_bundle_path, "/no/such/file.pem", BATCH_E_IO, "ca_bundle_path|/no/such/file.pem", "PEM");
  REFUSE(ca_bundle_path, "/dev/null", BATCH_E_INVALID_ARGUMENT, "ca_bundle_path|no certificate",
         "BEGIN CERTIFICATE");
}

TEST(option_that_is_not_utf8_is_named_and_not_shown)
{
  static const char latin1[] = "caf\xe9";
  static const struct {
    size_t offset;
    const char *name;
  } texts[] = {
    { offsetof(batch_auth_options_t, authority_host), "authority_host" },
    { offsetof(batch_auth_options_t, scope), "scope" },
    { offsetof(batch_auth_options_t, additionally_allowed_tenants), "additionally_allowed_tenants" },
    { offsetof(batch_auth_options_t, ca_bundle_path), "ca_bundle_path" },
    { offsetof(batch_auth_options_t, proxy_url), "proxy_url" },
    { offsetof(batch_auth_options_t, user_agent_suffix), "user_agent_suffix" },
    { offsetof(batch_auth_options_t, cache_name), "cache_name" },
  };
  size_t i;

  for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
    refuse_option(texts[i].offset, latin1, BATCH_E_INVALID_UTF8, texts[i].name, "UTF-8");
}

/* A configuration file's way to say nothing. */
TEST(empty_options_count_as_absent)
{
  batch_auth_options_t options;
  batch_error_t *err = NULL;

  batch_auth_options_init(&options, sizeof options);
  options.authority_host = options.scope = options.additionally_allowed_tenants = "";
  options.ca_bundle_path = options.proxy_url = options.user_agent_suffix = options.cache_name = "";
  CHECK_OK(with(&options, &err), err);
}

TEST(options_are_copied_before_the_call_returns)
{
  batch_auth_options_t options;
  batch_auth_t *auth;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;
  char *host = text_of("%s", emulator("ENTRA"));
  char *suffix = text_of("%s", "planner/7");
  char *journal;

  emulator_options(&options);
  options.authority_host = host;
  options.user_agent_suffix = suffix;
  auth = reader(&options);
  memset(host, 'x', strlen(host));
  memset(suffix, 'x', strlen(suffix));
  memset(&options, 0xff, sizeof options);
  free(host);
  free(suffix);
  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  journal = emulator_journal();
  CHECK_HAS(journal, "batch-auth/0.1.0 |planner/7");
  free(journal);
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(refresh_margin_decides_when_a_token_is_renewed)
{
  batch_auth_options_t options;
  batch_auth_t *auth;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  emulator_options(&options);
  options.refresh_margin_s = 1000;
  auth = reader(&options);
  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK(batch_token_refresh_on(token) <= batch_token_expires_on(token) - 1000);
  CHECK(batch_token_refresh_on(token) > batch_token_acquired_on(token));
  batch_token_free(token);
  batch_auth_free(auth);
}

TEST(static_tokens_take_the_same_options)
{
  batch_auth_t *auth = UNTOUCHED(batch_auth_t);
  batch_auth_options_t options;
  batch_error_t *err = NULL;

  batch_auth_options_init(&options, sizeof options);
  options.flags = 8u;
  CHECK_INT(batch_auth_new_static_token("token", FOR_EVER, &options, &auth, &err), BATCH_E_UNSUPPORTED);
  CHECK(auth == NULL);
  batch_error_free(err);
}

HARNESS_MAIN(RUN(init_writes_exactly_as_many_bytes_as_it_is_told), RUN(init_of_null_does_nothing),
             RUN(init_sets_the_documented_defaults), RUN(null_options_are_the_defaults),
             RUN(struct_size_that_was_never_set_is_refused_and_init_is_named),
             RUN(smallest_struct_is_read_no_further_than_its_size),
             RUN(older_callers_struct_is_read_as_far_as_it_goes),
             RUN(field_that_an_older_struct_holds_in_part_has_its_default),
             RUN(every_size_up_to_the_known_one_is_taken),
             RUN(newer_callers_struct_is_taken_while_its_unknown_bytes_are_zero),
             RUN(newer_callers_struct_with_an_unknown_field_set_is_refused),
             RUN(absurdly_large_struct_size_is_refused_unread),
             RUN(call_and_list_options_follow_the_same_rules_of_size),
             RUN(unknown_flags_are_refused_and_known_ones_taken),
             RUN(reserved_fields_that_are_set_are_refused), RUN(clouds_that_are_none_are_refused),
             RUN(option_that_cannot_be_right_is_named_with_its_rule),
             RUN(ca_bundle_that_cannot_be_used_is_told_apart),
             RUN(option_that_is_not_utf8_is_named_and_not_shown), RUN(empty_options_count_as_absent),
             RUN(options_are_copied_before_the_call_returns),
             RUN(refresh_margin_decides_when_a_token_is_renewed), RUN(static_tokens_take_the_same_options))
