/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The contract of the C interface, said a second time: every prototype, constant and layout, by hand and
 * not by the generator. This compiles only while batch_auth.h says the same; it is not run. A line
 * here changes only with the ABI version: programs that are out there were built with the old one.
 *
 * As C from C11 (_Static_assert) and as C++ from C++11. Layouts hold where pointers have 64 bits.
 */
#include "batch_auth.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ASSERT(condition) static_assert(condition, #condition)
#else
#define ASSERT(condition) _Static_assert(condition, #condition)
#endif

/* Its value, and that it is an int, usable before the compiler has types. */
#define SAME(name, value) ASSERT((name) == (value) && (name) - (value) - 1 < 0)
/* The same for a flag, which is unsigned: below zero it is large. */
#define FLAG(name, value) ASSERT((name) == (value) && (name) - (value) - 1 > 0)

/* ---------------------------------------------------------------- constants */
SAME(BATCH_AUTH_VERSION_MAJOR, 0);
SAME(BATCH_AUTH_VERSION_MINOR, 1);
SAME(BATCH_AUTH_VERSION_PATCH, 0);
SAME(BATCH_OK, 0);
SAME(BATCH_DONE, 1);
SAME(BATCH_PENDING, 2);
SAME(BATCH_E_INVALID_ARGUMENT, 100);
SAME(BATCH_E_INVALID_UTF8, 101);
SAME(BATCH_E_BUFFER_TOO_SMALL, 102);
SAME(BATCH_E_WOULD_DEADLOCK, 103);
SAME(BATCH_E_UNSUPPORTED, 104);
SAME(BATCH_E_BUSY, 105);
SAME(BATCH_E_CREDENTIAL_UNAVAILABLE, 200);
SAME(BATCH_E_AUTHENTICATION_FAILED, 201);
SAME(BATCH_E_INTERACTION_REQUIRED, 202);
SAME(BATCH_E_NETWORK, 300);
SAME(BATCH_E_TLS, 301);
SAME(BATCH_E_TIMEOUT, 302);
SAME(BATCH_E_THROTTLED, 303);
SAME(BATCH_E_UNAUTHORIZED, 400);
SAME(BATCH_E_FORBIDDEN, 401);
SAME(BATCH_E_NOT_FOUND, 402);
SAME(BATCH_E_SERVICE, 403);
SAME(BATCH_E_PROTOCOL, 404);
SAME(BATCH_E_CANCELLED, 500);
SAME(BATCH_E_SHUTDOWN, 501);
SAME(BATCH_E_FORKED, 502);
SAME(BATCH_E_OUT_OF_MEMORY, 503);
SAME(BATCH_E_IO, 504);
SAME(BATCH_E_INTERNAL, 505);
SAME(BATCH_E_PANIC, 599);
SAME(BATCH_CLOUD_AUTO, 0);
SAME(BATCH_CLOUD_PUBLIC, 1);
SAME(BATCH_CLOUD_US_GOVERNMENT, 2);
SAME(BATCH_CLOUD_CHINA, 3);
SAME(BATCH_JOB_STATE_UNKNOWN, 0);
SAME(BATCH_JOB_STATE_ACTIVE, 1);
SAME(BATCH_JOB_STATE_DISABLING, 2);
SAME(BATCH_JOB_STATE_DISABLED, 3);
SAME(BATCH_JOB_STATE_ENABLING, 4);
SAME(BATCH_JOB_STATE_TERMINATING, 5);
SAME(BATCH_JOB_STATE_COMPLETED, 6);
SAME(BATCH_JOB_STATE_DELETING, 7);
SAME(BATCH_LOG_OFF, 0);
SAME(BATCH_LOG_ERROR, 1);
SAME(BATCH_LOG_WARN, 2);
SAME(BATCH_LOG_INFO, 3);
SAME(BATCH_LOG_DEBUG, 4);
SAME(BATCH_LOG_TRACE, 5);

FLAG(BATCH_AUTH_SEND_CERTIFICATE_CHAIN, 1);
FLAG(BATCH_AUTH_DISABLE_AUTOMATIC_PROMPT, 2);
FLAG(BATCH_AUTH_UNENCRYPTED_CACHE_ALLOWED, 4);
FLAG(BATCH_CALL_FORCE_REFRESH, 1);
FLAG(BATCH_CALL_NO_IO, 2);
FLAG(BATCH_CALL_PROMPT, 4);

#if BATCH_AUTH_SEND_CERTIFICATE_CHAIN != 1 || BATCH_AUTH_SEND_CERTIFICATE_CHAIN - 1 - 1 < 0
#error "BATCH_AUTH_SEND_CERTIFICATE_CHAIN is not the number that it was"
#endif
#if BATCH_AUTH_DISABLE_AUTOMATIC_PROMPT != 2 || BATCH_AUTH_DISABLE_AUTOMATIC_PROMPT - 2 - 1 < 0
#error "BATCH_AUTH_DISABLE_AUTOMATIC_PROMPT is not the number that it was"
#endif
#if BATCH_AUTH_UNENCRYPTED_CACHE_ALLOWED != 4 || BATCH_AUTH_UNENCRYPTED_CACHE_ALLOWED - 4 - 1 < 0
#error "BATCH_AUTH_UNENCRYPTED_CACHE_ALLOWED is not the number that it was"
#endif
#if BATCH_CALL_FORCE_REFRESH != 1 || BATCH_CALL_FORCE_REFRESH - 1 - 1 < 0
#error "BATCH_CALL_FORCE_REFRESH is not the number that it was"
#endif
#if BATCH_CALL_NO_IO != 2 || BATCH_CALL_NO_IO - 2 - 1 < 0
#error "BATCH_CALL_NO_IO is not the number that it was"
#endif
#if BATCH_CALL_PROMPT != 4 || BATCH_CALL_PROMPT - 4 - 1 < 0
#error "BATCH_CALL_PROMPT is not the number that it was"
#endif

/* --------------------------------------------------------------------- types */
/* Tags and names belong together: the same typedef twice is allowed, another one is not. */
typedef struct batch_auth batch_auth_t;
typedef struct batch_cancel batch_cancel_t;
typedef struct batch_error batch_error_t;
typedef struct batch_job batch_job_t;
typedef struct batch_jobs batch_jobs_t;
typedef struct batch_token batch_token_t;
typedef struct batch_auth_options batch_auth_options_t;
typedef struct batch_call_options batch_call_options_t;
typedef struct batch_list_options batch_list_options_t;
typedef int32_t batch_status_t;

/* ------------------------------------------------------------------- layouts */
#if UINTPTR_MAX == 0xffffffffffffffffu
#define AT(type, member, offset, size) \
  ASSERT(offsetof(type, member) == (offset) && sizeof(((type *)0)->member) == (size))

ASSERT(sizeof(batch_auth_options_t) == 80);
AT(batch_auth_options_t, struct_size, 0, 4);
AT(batch_auth_options_t, flags, 4, 4);
AT(batch_auth_options_t, cloud, 8, 4);
AT(batch_auth_options_t, timeout_ms, 12, 4);
AT(batch_auth_options_t, max_retries, 16, 4);
AT(batch_auth_options_t, refresh_margin_s, 20, 4);
AT(batch_auth_options_t, authority_host, 24, 8);
AT(batch_auth_options_t, scope, 32, 8);
AT(batch_auth_options_t, additionally_allowed_tenants, 40, 8);
AT(batch_auth_options_t, ca_bundle_path, 48, 8);
AT(batch_auth_options_t, proxy_url, 56, 8);
AT(batch_auth_options_t, user_agent_suffix, 64, 8);
AT(batch_auth_options_t, cache_name, 72, 8);

ASSERT(sizeof(batch_call_options_t) == 56);
AT(batch_call_options_t, struct_size, 0, 4);
AT(batch_call_options_t, flags, 4, 4);
AT(batch_call_options_t, timeout_ms, 8, 4);
AT(batch_call_options_t, reserved, 12, 4);
AT(batch_call_options_t, cancel, 16, 8);
AT(batch_call_options_t, scope, 24, 8);
AT(batch_call_options_t, tenant_id, 32, 8);
AT(batch_call_options_t, claims, 40, 8);
AT(batch_call_options_t, correlation_id, 48, 8);

ASSERT(sizeof(batch_list_options_t) == 72);
AT(batch_list_options_t, struct_size, 0, 4);
AT(batch_list_options_t, max_results, 4, 4);
AT(batch_list_options_t, max_items, 8, 8);
AT(batch_list_options_t, server_timeout_s, 16, 4);
AT(batch_list_options_t, reserved, 20, 4);
AT(batch_list_options_t, filter, 24, 8);
AT(batch_list_options_t, select, 32, 8);
AT(batch_list_options_t, expand, 40, 8);
AT(batch_list_options_t, job_schedule_id, 48, 8);
AT(batch_list_options_t, api_version, 56, 8);
AT(batch_list_options_t, continuation, 64, 8);
#endif

/* What each member is: a pointer to another type does not convert. */
#define IS(type, member)    \
  do {                      \
    type *at = &(member);   \
    (void)at;               \
  } while (0)

void contract_members(batch_auth_options_t *auth, batch_call_options_t *call, batch_list_options_t *list);
void contract_members(batch_auth_options_t *auth, batch_call_options_t *call, batch_list_options_t *list)
{
  IS(uint32_t, auth->struct_size);
  IS(uint32_t, auth->flags);
  IS(int32_t, auth->cloud);
  IS(uint32_t, auth->timeout_ms);
  IS(uint32_t, auth->max_retries);
  IS(uint32_t, auth->refresh_margin_s);
  IS(const char *, auth->authority_host);
  IS(const char *, auth->scope);
  IS(const char *, auth->additionally_allowed_tenants);
  IS(const char *, auth->ca_bundle_path);
  IS(const char *, auth->proxy_url);
  IS(const char *, auth->user_agent_suffix);
  IS(const char *, auth->cache_name);
  IS(uint32_t, call->struct_size);
  IS(uint32_t, call->flags);
  IS(uint32_t, call->timeout_ms);
  IS(uint32_t, call->reserved);
  IS(batch_cancel_t *, call->cancel);
  IS(const char *, call->scope);
  IS(const char *, call->tenant_id);
  IS(const char *, call->claims);
  IS(const char *, call->correlation_id);
  IS(uint32_t, list->struct_size);
  IS(uint32_t, list->max_results);
  IS(uint64_t, list->max_items);
  IS(uint32_t, list->server_timeout_s);
  IS(uint32_t, list->reserved);
  IS(const char *, list->filter);
  IS(const char *, list->select);
  IS(const char *, list->expand);
  IS(const char *, list->job_schedule_id);
  IS(const char *, list->api_version);
  IS(const char *, list->continuation);
}

/* ---------------------------------------------------------------- prototypes */
#ifdef __cplusplus
extern "C" {
#endif

BATCH_API const char *batch_version(void);
BATCH_API uint32_t batch_abi_version(void);
BATCH_API int32_t batch_has_feature(const char *name);
BATCH_API const char *batch_status_name(batch_status_t status);
BATCH_API batch_status_t batch_error_status(const batch_error_t *error);
BATCH_API const char *batch_error_message(const batch_error_t *error);
BATCH_API const char *batch_error_help(const batch_error_t *error);
BATCH_API const char *batch_error_service_code(const batch_error_t *error);
BATCH_API const char *batch_error_request_id(const batch_error_t *error);
BATCH_API int32_t batch_error_http_status(const batch_error_t *error);
BATCH_API int32_t batch_error_is_retryable(const batch_error_t *error);
BATCH_API int64_t batch_error_retry_after_ms(const batch_error_t *error);
BATCH_API const char *batch_error_json(const batch_error_t *error, size_t *out_len);
BATCH_API void batch_error_free(batch_error_t *error);
BATCH_API batch_cancel_t *batch_cancel_new(void);
BATCH_API void batch_cancel_trigger(batch_cancel_t *cancel);
BATCH_API void batch_cancel_free(batch_cancel_t *cancel);
BATCH_API void batch_auth_options_init(batch_auth_options_t *options, uint32_t struct_size);
BATCH_API batch_status_t batch_auth_new_client_secret(const char *tenant_id, const char *client_id,
    const char *client_secret, const batch_auth_options_t *options, batch_auth_t **out,
    batch_error_t **err);
BATCH_API batch_status_t batch_sink_assertion(batch_sink_t *sink, const char *jwt);
BATCH_API batch_status_t batch_sink_token(batch_sink_t *sink, const char *token, int64_t expires_on);
BATCH_API batch_status_t batch_sink_fail(batch_sink_t *sink, batch_status_t status, const char *message);
BATCH_API batch_status_t batch_auth_new_client_assertion(const char *tenant_id, const char *client_id,
    batch_assertion_fn assertion, void *user_data, batch_free_fn user_data_free,
    const batch_auth_options_t *options, batch_auth_t **out, batch_error_t **err);
BATCH_API batch_status_t batch_auth_new_workload_identity(const char *tenant_id, const char *client_id,
    const char *token_file_path, const batch_auth_options_t *options, batch_auth_t **out,
    batch_error_t **err);
BATCH_API batch_status_t batch_auth_new_on_behalf_of(const char *tenant_id, const char *client_id,
    const char *client_secret, const char *user_assertion, const batch_auth_options_t *options,
    batch_auth_t **out, batch_error_t **err);
BATCH_API batch_status_t batch_auth_new_callback(batch_token_fn acquire, void *user_data,
    batch_free_fn user_data_free, const batch_auth_options_t *options, batch_auth_t **out,
    batch_error_t **err);
BATCH_API batch_status_t batch_auth_new_static_token(const char *token, int64_t expires_on,
    const batch_auth_options_t *options, batch_auth_t **out, batch_error_t **err);
BATCH_API batch_auth_t *batch_auth_retain(batch_auth_t *auth);
BATCH_API void batch_auth_free(batch_auth_t *auth);
BATCH_API void batch_call_options_init(batch_call_options_t *options, uint32_t struct_size);
BATCH_API batch_status_t batch_get_token(batch_auth_t *auth, const batch_call_options_t *call,
    batch_token_t **out, batch_error_t **err);
BATCH_API batch_status_t batch_copy_token(batch_auth_t *auth, const batch_call_options_t *call,
    char *buffer, size_t capacity, size_t *out_len, int64_t *out_expires_on, batch_error_t **err);
BATCH_API const char *batch_token_value(const batch_token_t *token, size_t *out_len);
BATCH_API int64_t batch_token_expires_on(const batch_token_t *token);
BATCH_API int64_t batch_token_refresh_on(const batch_token_t *token);
BATCH_API int64_t batch_token_acquired_on(const batch_token_t *token);
BATCH_API const char *batch_token_claims(const batch_token_t *token, size_t *out_len);
BATCH_API void batch_token_free(batch_token_t *token);
BATCH_API void batch_list_options_init(batch_list_options_t *options, uint32_t struct_size);
BATCH_API batch_status_t batch_list_jobs(batch_auth_t *auth, const char *account_url,
    const batch_list_options_t *options, batch_jobs_t **out, batch_error_t **err);
BATCH_API batch_status_t batch_jobs_next(batch_jobs_t *jobs, const batch_call_options_t *call,
    const batch_job_t **out, batch_error_t **err);
BATCH_API const char *batch_jobs_continuation(const batch_jobs_t *jobs);
BATCH_API void batch_jobs_free(batch_jobs_t *jobs);
BATCH_API const char *batch_job_id(const batch_job_t *job);
BATCH_API const char *batch_job_display_name(const batch_job_t *job);
BATCH_API int32_t batch_job_state(const batch_job_t *job);
BATCH_API const char *batch_job_state_text(const batch_job_t *job);
BATCH_API int32_t batch_job_priority(const batch_job_t *job, int32_t absent);
BATCH_API int64_t batch_job_creation_time_ms(const batch_job_t *job, int64_t absent);
BATCH_API const char *batch_job_pool_id(const batch_job_t *job);
BATCH_API const char *batch_job_json(const batch_job_t *job, size_t *out_len);
BATCH_API batch_status_t batch_log_set(int32_t max_level, batch_log_fn sink, void *user_data,
    batch_free_fn user_data_free);

#ifdef __cplusplus
}
#endif

/* What the callbacks take: assigned without a cast, so the types are the same. */
static void on_record(int32_t level, const char *target, const char *message, int64_t time_ms, void *user_data)
{
  (void)level, (void)target, (void)message, (void)time_ms, (void)user_data;
}

static void on_assertion(const char *token_endpoint, batch_sink_t *sink, void *user_data)
{
  (void)token_endpoint, (void)sink, (void)user_data;
}

static void on_token(const char *scope, const char *tenant_id, const char *claims, batch_sink_t *sink,
                     void *user_data)
{
  (void)scope, (void)tenant_id, (void)claims, (void)sink, (void)user_data;
}

static void on_free(void *user_data)
{
  (void)user_data;
}

extern const batch_assertion_fn contract_assertion;
extern const batch_token_fn contract_token;
extern const batch_log_fn contract_log;
extern const batch_free_fn contract_free;
const batch_assertion_fn contract_assertion = on_assertion;
const batch_token_fn contract_token = on_token;
const batch_log_fn contract_log = on_record;
const batch_free_fn contract_free = on_free;
