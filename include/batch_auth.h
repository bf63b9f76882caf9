/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * batch-auth: sign in to Microsoft Entra ID and list the jobs of Azure Batch accounts.
 *
 * This file is made from the library's sources by cbindgen (`make header`); do not edit it.
 *
 * What holds for every function:
 *  - It returns a batch_status_t, or a value that cannot fail. Statuses are never negative.
 *  - `err` is last and may be NULL. On failure it gets an error that the caller frees with
 *    batch_error_free, on success NULL. Other outputs are set to NULL or 0 on failure.
 *  - Strings passed in are NUL-terminated UTF-8 and copied before the call returns.
 *  - Strings that come out are borrowed from the handle that was asked and live until it is freed;
 *    they are NUL-terminated, also where a length is given.
 *  - Every *_free(NULL) does nothing. Handles may be freed in any order: each keeps alive what it
 *    needs of the others.
 *  - Any thread may use a batch_auth_t, batch_token_t, batch_cancel_t or batch_error_t, several at
 *    once. A batch_jobs_t belongs to one thread at a time.
 *  - Option structs begin with struct_size. A smaller one is an older caller's: what it lacks has
 *    its default. A larger one is a newer caller's: it is accepted while the bytes that this
 *    library does not know are zero, else answered with BATCH_E_UNSUPPORTED.
 *  - Nothing unwinds into the caller, raises a signal, installs a signal handler, writes to the
 *    terminal, or changes the environment, the working directory or the locale.
 */


#ifndef BATCH_AUTH_H
#define BATCH_AUTH_H

#include <stddef.h>
#include <stdint.h>

/* How the functions are declared; define it before the inclusion to change that. */
#ifndef BATCH_API
#define BATCH_API
#endif


/*
 Passes the cache by: a new token is asked for.
 */
#define BATCH_CALL_FORCE_REFRESH 1u

/*
 `BATCH_PENDING` rather than a wait for the network.
 */
#define BATCH_CALL_NO_IO 2u

/*
 Asks the person even where a silent way exists. Concerns sign-in by a person; other credentials
 take no notice.
 */
#define BATCH_CALL_PROMPT 4u

/*
 Absent, or newer than this library: see `batch_job_state_text`.
 */
#define BATCH_JOB_STATE_UNKNOWN 0

/*
 Its tasks run.
 */
#define BATCH_JOB_STATE_ACTIVE 1

/*
 On the way to disabled.
 */
#define BATCH_JOB_STATE_DISABLING 2

/*
 Its tasks do not run until it is enabled.
 */
#define BATCH_JOB_STATE_DISABLED 3

/*
 On the way back to active.
 */
#define BATCH_JOB_STATE_ENABLING 4

/*
 On the way to completed.
 */
#define BATCH_JOB_STATE_TERMINATING 5

/*
 Ended.
 */
#define BATCH_JOB_STATE_COMPLETED 6

/*
 On the way to be gone.
 */
#define BATCH_JOB_STATE_DELETING 7

/*
 No records.
 */
#define BATCH_LOG_OFF 0

/*
 A call failed.
 */
#define BATCH_LOG_ERROR 1

/*
 Something went wrong and was mended, such as a retry.
 */
#define BATCH_LOG_WARN 2

/*
 A token was got, a page of jobs has come.
 */
#define BATCH_LOG_INFO 3

/*
 One record a request.
 */
#define BATCH_LOG_DEBUG 4

/*
 Everything.
 */
#define BATCH_LOG_TRACE 5

/*
 The cloud is that of the authority, else that of the account's host, else the public one.
 */
#define BATCH_CLOUD_AUTO 0

/*
 Azure.
 */
#define BATCH_CLOUD_PUBLIC 1

/*
 Azure US Government.
 */
#define BATCH_CLOUD_US_GOVERNMENT 2

/*
 Azure China, operated by 21Vianet.
 */
#define BATCH_CLOUD_CHINA 3

/*
 Sends the certificate chain (`x5c`) for trust by subject name and issuer. Concerns certificates;
 other credentials take no notice.
 */
#define BATCH_AUTH_SEND_CERTIFICATE_CHAIN 1u

/*
 `BATCH_E_INTERACTION_REQUIRED` instead of a prompt. Concerns sign-in by a person; other
 credentials take no notice.
 */
#define BATCH_AUTH_DISABLE_AUTOMATIC_PROMPT 2u

/*
 A persistent cache may be unencrypted where no keyring is to be had. Takes effect with
 `cache_name` only.
 */
#define BATCH_AUTH_UNENCRYPTED_CACHE_ALLOWED 4u

/*
 The version that this header belongs to: `BATCH_AUTH_VERSION_MAJOR.MINOR.PATCH`.
 */
#define BATCH_AUTH_VERSION_MAJOR 0

/*
 See `BATCH_AUTH_VERSION_MAJOR`.
 */
#define BATCH_AUTH_VERSION_MINOR 1

/*
 See `BATCH_AUTH_VERSION_MAJOR`.
 */
#define BATCH_AUTH_VERSION_PATCH 0

/*
 A way to sign in, with the tokens it has got. Counted: `batch_auth_retain` and
 `batch_auth_free`. May be used from any thread, by several at once.
 */
struct batch_auth;

/*
 A switch that is thrown once and ends every call that has it in its options. Freed with
 `batch_cancel_free`. May be used from any thread, by several at once.
 */
struct batch_cancel;

/*
 Why a call failed, and what to do about it. Freed with `batch_error_free`. May be read from
 any thread, by several at once.
 */
struct batch_error;

/*
 One job of a listing. Borrowed: it lives until the next `batch_jobs_next` of its listing.
 */
struct batch_job;

/*
 A listing under way. Freed with `batch_jobs_free`. Belongs to one thread at a time: a second
 user is answered with `BATCH_E_BUSY`.
 */
struct batch_jobs;

/*
 Where the host puts the answer to a callback. Answered exactly once, from any thread, during the
 callback or later; the answer ends its life. Until then it stays valid, also when the call that
 waited for it has given up.
 */
struct batch_sink;

/*
 An access token. Freed with `batch_token_free`. May be read from any thread, by several at
 once.
 */
struct batch_token;

/*
 How a call ended: `BATCH_OK`, `BATCH_DONE` and `BATCH_PENDING` are successes, the rest
 failures. Numbers are never reused; a newer library may return ones not listed here.
 */
typedef int32_t batch_status_t;

/*
 How to sign in. Filled by `batch_auth_options_init`, then changed where wanted. The strings are
 NUL-terminated UTF-8, borrowed until the call that takes the options returns.
 */
struct batch_auth_options {
  /*
   Set by `batch_auth_options_init`.
   */
  uint32_t struct_size;
  /*
   `BATCH_AUTH_*`.
   */
  uint32_t flags;
  /*
   `BATCH_CLOUD_*`.
   */
  int32_t cloud;
  /*
   One acquisition in all, over every retry, in milliseconds; default 100000, also for 0.
   */
  uint32_t timeout_ms;
  /*
   Repetitions of one request after 408, 429, 500, 502, 503, 504 or a broken connection;
   default 3.
   */
  uint32_t max_retries;
  /*
   How long before its expiry a token is renewed where Entra does not say, in seconds; default
   300.
   */
  uint32_t refresh_margin_s;
  /*
   The https host to sign in at, perhaps with a path; NULL: that of `cloud`, else the
   environment's `AZURE_AUTHORITY_HOST`, else that of the account's cloud.
   */
  const char *authority_host;
  /*
   What tokens are for; NULL: the cloud's Batch scope, `https://batch.core.windows.net//.default`
   in the public one.
   */
  const char *scope;
  /*
   Tenants that a call may name beside the credential's own: ids joined by `;`, or `*`.
   */
  const char *additionally_allowed_tenants;
  /*
   A PEM file of certificate authorities that takes the place of the system's trust store.
   */
  const char *ca_bundle_path;
  /*
   `http://[user:password@]host:port`; NULL: the environment's `HTTPS_PROXY` or `ALL_PROXY`,
   less `NO_PROXY`. Loopback and link-local hosts are always reached directly.
   */
  const char *proxy_url;
  /*
   Added to the user agent: printable ASCII.
   */
  const char *user_agent_suffix;
  /*
   A persistent cache of this name. Not in this version: anything but NULL is answered with
   `BATCH_E_UNSUPPORTED`.
   */
  const char *cache_name;
};

/*
 A `struct batch_auth_options`.
 */
typedef struct batch_auth_options batch_auth_options_t;

/*
 A `struct batch_auth`.
 */
typedef struct batch_auth batch_auth_t;

/*
 A `struct batch_error`.
 */
typedef struct batch_error batch_error_t;

/*
 A `struct batch_cancel`.
 */
typedef struct batch_cancel batch_cancel_t;

/*
 What one call wants. Filled by `batch_call_options_init`, then changed where wanted. Strings and
 `cancel` are borrowed until the call returns.
 */
struct batch_call_options {
  /*
   Set by `batch_call_options_init`.
   */
  uint32_t struct_size;
  /*
   `BATCH_CALL_*`.
   */
  uint32_t flags;
  /*
   The time for the whole call, in milliseconds; 0: the auth's.
   */
  uint32_t timeout_ms;
  /*
   Zero.
   */
  uint32_t reserved;
  /*
   Ends the call when it is thrown; may be NULL.
   */
  batch_cancel_t *cancel;
  /*
   What the token is for; NULL: the auth's scope.
   */
  const char *scope;
  /*
   The tenant to sign in to; NULL: the credential's. Another one must be among
   `additionally_allowed_tenants`.
   */
  const char *tenant_id;
  /*
   A claims challenge to meet, as decoded JSON; passes the cache by.
   */
  const char *claims;
  /*
   The id of the request in the service's logs, 1 to 128 visible ASCII characters; NULL: a
   fresh UUID.
   */
  const char *correlation_id;
};

/*
 A `struct batch_call_options`.
 */
typedef struct batch_call_options batch_call_options_t;

/*
 A `struct batch_job`.
 */
typedef struct batch_job batch_job_t;

/*
 Which jobs to list. Filled by `batch_list_options_init`, then changed where wanted. The strings
 are NUL-terminated UTF-8, borrowed until `batch_list_jobs` returns; NULL and empty ones are left
 out of the request. Source: "Jobs - List Jobs" of the Batch REST reference.
 */
struct batch_list_options {
  /*
   Set by `batch_list_options_init`.
   */
  uint32_t struct_size;
  /*
   Jobs a page, 1 to 1000; 0: the service's default.
   */
  uint32_t max_results;
  /*
   Jobs in all; 0: no limit.
   */
  uint64_t max_items;
  /*
   Seconds the service may take for a page; 0: the service's default of 30, which is also the
   most.
   */
  uint32_t server_timeout_s;
  /*
   Zero.
   */
  uint32_t reserved;
  /*
   OData, sent as it is: `state eq 'active'`.
   */
  const char *filter;
  /*
   Properties to return, joined by commas: `id,state`.
   */
  const char *select;
  /*
   Properties to expand: `stats`.
   */
  const char *expand;
  /*
   Only the jobs of this schedule.
   */
  const char *job_schedule_id;
  /*
   The service's version; NULL: `2025-06-01`.
   */
  const char *api_version;
  /*
   Where to go on, from `batch_jobs_continuation`. It carries filter, selection and page size of
   its own; those above are then not sent.
   */
  const char *continuation;
};

/*
 A `struct batch_list_options`.
 */
typedef struct batch_list_options batch_list_options_t;

/*
 A `struct batch_jobs`.
 */
typedef struct batch_jobs batch_jobs_t;

/*
 Receives a log record: its level, the part of the library it comes from, one line of UTF-8
 without secrets, and the time in milliseconds since 1970, UTC. The strings live until it returns.

 It runs on the thread that logs, perhaps on several at once and on a thread of the library's own.
 It returns soon, does not unwind, and calls nothing of this library that blocks: such a call is
 answered with `BATCH_E_WOULD_DEADLOCK`.
 */
typedef void (*batch_log_fn)(int32_t level,
                             const char *target,
                             const char *message,
                             int64_t time_ms,
                             void *user_data);

/*
 Gives back what the host attached to a callback.
 */
typedef void (*batch_free_fn)(void *user_data);

/*
 A `struct batch_sink`.
 */
typedef struct batch_sink batch_sink_t;

/*
 Asked for a signed JSON web token by which the application proves who it is (RFC 7523, 2.2).

 - `token_endpoint`: the audience of the assertion, unless a federated credential says otherwise;
   lives until the callback returns.
 - `sink`: to be answered with `batch_sink_assertion` or `batch_sink_fail`.
 - `user_data`: as it was given.

 Called once for each token request, on a thread of the library's own, perhaps on several at once.
 It may take its time, but calls nothing of this library that blocks: such a call is answered with
 `BATCH_E_WOULD_DEADLOCK`. It does not unwind.
 */
typedef void (*batch_assertion_fn)(const char *token_endpoint, batch_sink_t *sink, void *user_data);

/*
 Asked for an access token that the host has got elsewhere.

 - `scope`: what it is for. `tenant_id`: the tenant that the call named, or NULL. `claims`: a claims
   challenge to meet, JSON, or NULL. They live until the callback returns.
 - `sink`: to be answered with `batch_sink_token` or `batch_sink_fail`.
 - `user_data`: as it was given.

 Called as `batch_assertion_fn` is.
 */
typedef void (*batch_token_fn)(const char *scope,
                               const char *tenant_id,
                               const char *claims,
                               batch_sink_t *sink,
                               void *user_data);

/*
 A `struct batch_token`.
 */
typedef struct batch_token batch_token_t;

/*
 Success.
 */
#define BATCH_OK 0

/*
 The iteration has ended.
 */
#define BATCH_DONE 1

/*
 `BATCH_CALL_NO_IO` was asked for and I/O would be needed.
 */
#define BATCH_PENDING 2

/*
 An argument is missing, malformed or out of range.
 */
#define BATCH_E_INVALID_ARGUMENT 100

/*
 A string is not UTF-8.
 */
#define BATCH_E_INVALID_UTF8 101

/*
 The caller's buffer cannot hold the answer.
 */
#define BATCH_E_BUFFER_TOO_SMALL 102

/*
 A blocking call from inside a callback of ours.
 */
#define BATCH_E_WOULD_DEADLOCK 103

/*
 This build or platform cannot do it.
 */
#define BATCH_E_UNSUPPORTED 104

/*
 The handle is in use elsewhere.
 */
#define BATCH_E_BUSY 105

/*
 The credential is not configured, or not to be had here: a chain goes on.
 */
#define BATCH_E_CREDENTIAL_UNAVAILABLE 200

/*
 Entra or the source of tokens refused: a chain stops.
 */
#define BATCH_E_AUTHENTICATION_FAILED 201

/*
 A person must sign in.
 */
#define BATCH_E_INTERACTION_REQUIRED 202

/*
 The host could not be found, reached or kept.
 */
#define BATCH_E_NETWORK 300

/*
 No secure connection could be made, or the server is not trusted.
 */
#define BATCH_E_TLS 301

/*
 The time allowed is over.
 */
#define BATCH_E_TIMEOUT 302

/*
 The service asks to be called less often: see `batch_error_retry_after_ms`.
 */
#define BATCH_E_THROTTLED 303

/*
 The Batch service answered 401.
 */
#define BATCH_E_UNAUTHORIZED 400

/*
 The Batch service answered 403: a role, a network rule or a mode of sign-in is missing.
 */
#define BATCH_E_FORBIDDEN 401

/*
 The Batch service answered 404.
 */
#define BATCH_E_NOT_FOUND 402

/*
 Any other refusal of the service; also Entra's when it is out of order.
 */
#define BATCH_E_SERVICE 403

/*
 An answer that cannot be understood or trusted.
 */
#define BATCH_E_PROTOCOL 404

/*
 The caller cancelled.
 */
#define BATCH_E_CANCELLED 500

/*
 The library was shut down meanwhile.
 */
#define BATCH_E_SHUTDOWN 501

/*
 The operation was begun by the parent process.
 */
#define BATCH_E_FORKED 502

/*
 Memory ran out.
 */
#define BATCH_E_OUT_OF_MEMORY 503

/*
 A file could not be read or written.
 */
#define BATCH_E_IO 504

/*
 A defect of this library.
 */
#define BATCH_E_INTERNAL 505

/*
 A defect of this library that was caught on its way into the caller.
 */
#define BATCH_E_PANIC 599

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Signs in as an application with its secret (RFC 6749, 4.4).

 No network: the first token is asked for when one is needed. Any thread.

 - `tenant_id`: borrowed, not NULL: the tenant's id or one of its domains.
 - `client_id`: borrowed, not NULL: the application's id.
 - `client_secret`: borrowed, not NULL: the secret's Value. Copied, and wiped when the auth goes.
 - `options`: borrowed; NULL takes the defaults.
 - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns `BATCH_OK`; `BATCH_E_INVALID_ARGUMENT`, `BATCH_E_INVALID_UTF8`; `BATCH_E_IO` where
 `ca_bundle_path` cannot be read; `BATCH_E_UNSUPPORTED` for options of a newer library. Since
 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns.
 */
BATCH_API
batch_status_t batch_auth_new_client_secret(const char *tenant_id,
                                            const char *client_id,
                                            const char *client_secret,
                                            const batch_auth_options_t *options,
                                            batch_auth_t **out,
                                            batch_error_t **err);

/*
 Signs in as a workload with the token that its platform writes to a file: a Kubernetes pod with
 Entra Workload ID, or any federated credential whose token is in a file. The file is read for each
 token request.

 No network, and the file is not read yet. Any thread.

 - `tenant_id`: borrowed; NULL: `AZURE_TENANT_ID` of the environment.
 - `client_id`: borrowed; NULL: `AZURE_CLIENT_ID`.
 - `token_file_path`: borrowed; NULL: `AZURE_FEDERATED_TOKEN_FILE`.
 - `options`: borrowed; NULL takes the defaults.
 - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns as `batch_auth_new_client_secret`, and `BATCH_E_CREDENTIAL_UNAVAILABLE` that names the
 variables which are missing. Later calls return that status where the file cannot be read or is
 empty. Since 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns.
 */
BATCH_API
batch_status_t batch_auth_new_workload_identity(const char *tenant_id,
                                                const char *client_id,
                                                const char *token_file_path,
                                                const batch_auth_options_t *options,
                                                batch_auth_t **out,
                                                batch_error_t **err);

/*
 Signs in as a service in the name of the user whose token it was sent (Entra's on-behalf-of flow;
 RFC 7523, 2.1). One auth serves one user.

 No network. Any thread.

 - `tenant_id`, `client_id`, `client_secret`: as for `batch_auth_new_client_secret`.
 - `user_assertion`: borrowed, not NULL: the access token that the user's request carried, without
   "Bearer"; its audience is this service. Copied, and wiped when the auth goes.
 - `options`: borrowed; NULL takes the defaults.
 - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns as `batch_auth_new_client_secret`. Later calls return `BATCH_E_INTERACTION_REQUIRED`, with
 `claims` in `batch_error_json`, where the user must sign in anew. Since 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns.
 */
BATCH_API
batch_status_t batch_auth_new_on_behalf_of(const char *tenant_id,
                                           const char *client_id,
                                           const char *client_secret,
                                           const char *user_assertion,
                                           const batch_auth_options_t *options,
                                           batch_auth_t **out,
                                           batch_error_t **err);

/*
 Serves a token that the host has got elsewhere, until it expires. It is never renewed.

 No network. Any thread.

 - `token`: borrowed, not NULL: the access token alone, without "Bearer". Copied, and wiped when
   the auth goes.
 - `expires_on`: seconds since 1970, UTC; more than 0.
 - `options`: borrowed; NULL takes the defaults.
 - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns as `batch_auth_new_client_secret`. Since 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns.
 */
BATCH_API
batch_status_t batch_auth_new_static_token(const char *token,
                                           int64_t expires_on,
                                           const batch_auth_options_t *options,
                                           batch_auth_t **out,
                                           batch_error_t **err);

/*
 Takes one more count of an auth, to be given back with `batch_auth_free`.

 - `auth`: borrowed, may be NULL.

 Returns `auth`. Any thread. Since 0.1.0.

 # Safety
 `auth` is NULL or a live handle.
 */
BATCH_API batch_auth_t *batch_auth_retain(batch_auth_t *auth);

/*
 Gives one count of an auth back; with the last, its secrets and tokens are wiped. Listings that
 were begun with it keep it alive for themselves. NULL is allowed.

 - `auth`: taken.

 Any thread. Since 0.1.0.

 # Safety
 `auth` is NULL or a live handle of which the caller has a count, not used again.
 */
BATCH_API void batch_auth_free(batch_auth_t *auth);

/*
 Fills options with their defaults: pass `sizeof` of the struct as it was compiled.

 - `options`: written for `struct_size` bytes; NULL is ignored.
 - `struct_size`: in bytes; less than 4 is ignored.

 Any thread. Since 0.1.0.

 # Safety
 `options` is NULL or writable for `struct_size` bytes.
 */
BATCH_API void batch_call_options_init(batch_call_options_t *options, uint32_t struct_size);

/*
 Makes a switch that has not been thrown.

 Any thread. Returns a handle that the caller frees with `batch_cancel_free`; NULL only if the
 library has a defect. Since 0.1.0.
 */
BATCH_API batch_cancel_t *batch_cancel_new(void);

/*
 Throws the switch: calls that have it end with `BATCH_E_CANCELLED`, those begun later at once.
 Again is no matter.

 - `cancel`: borrowed, may be NULL.

 Does not wait for the calls to end. Any thread, but not a signal handler. Since 0.1.0.

 # Safety
 `cancel` is NULL or a live handle.
 */
BATCH_API void batch_cancel_trigger(batch_cancel_t *cancel);

/*
 Frees a switch. Calls that have it go on, and can no longer be cancelled. NULL is allowed.

 - `cancel`: taken.

 Any thread. Since 0.1.0.

 # Safety
 `cancel` is NULL or a live handle that is not used again.
 */
BATCH_API void batch_cancel_free(batch_cancel_t *cancel);

/*
 The status of the call that failed; `BATCH_OK` for NULL.

 - `error`: borrowed, may be NULL.

 Any thread. Since 0.1.0.

 # Safety
 `error` is NULL or a live error.
 */
BATCH_API batch_status_t batch_error_status(const batch_error_t *error);

/*
 What happened: one paragraph in UTF-8 that names the operation, its harmless inputs and the
 cause. It holds no secret and no token.

 - `error`: borrowed, may be NULL.

 Returns a string that lives as long as `error`; NULL only for NULL. Any thread. Since 0.1.0.

 # Safety
 `error` is NULL or a live error.
 */
BATCH_API const char *batch_error_message(const batch_error_t *error);

/*
 What to do about it, in whole sentences.

 - `error`: borrowed, may be NULL.

 Returns a string that lives as long as `error`, or NULL where there is no advice. Any thread.
 Since 0.1.0.

 # Safety
 `error` is NULL or a live error.
 */
BATCH_API const char *batch_error_help(const batch_error_t *error);

/*
 The service's own code: `"AADSTS7000215"` of Entra, `"AuthenticationFailed"` of Batch.

 - `error`: borrowed, may be NULL.

 Returns a string that lives as long as `error`, or NULL where no service answered with one. Any
 thread. Since 0.1.0.

 # Safety
 `error` is NULL or a live error.
 */
BATCH_API const char *batch_error_service_code(const batch_error_t *error);

/*
 The id to quote to the service's support: Entra's correlation id or Batch's request id, or, where
 no answer came, the id that the request carried.

 - `error`: borrowed, may be NULL.

 Returns a string that lives as long as `error`, or NULL where no request was made. Any thread.
 Since 0.1.0.

 # Safety
 `error` is NULL or a live error.
 */
BATCH_API const char *batch_error_request_id(const batch_error_t *error);

/*
 The HTTP status of the refusal; 0 where there was none.

 - `error`: borrowed, may be NULL.

 Any thread. Since 0.1.0.

 # Safety
 `error` is NULL or a live error.
 */
BATCH_API int32_t batch_error_http_status(const batch_error_t *error);

/*
 Whether the same call may succeed later without a change of configuration: 1 or 0.

 - `error`: borrowed, may be NULL.

 Any thread. Since 0.1.0.

 # Safety
 `error` is NULL or a live error.
 */
BATCH_API int32_t batch_error_is_retryable(const batch_error_t *error);

/*
 How long the service asked to be left alone, in milliseconds; -1 where it did not say.

 - `error`: borrowed, may be NULL.

 Any thread. Source: `Retry-After` (RFC 9110, 10.2.3). Since 0.1.0.

 # Safety
 `error` is NULL or a live error.
 */
BATCH_API int64_t batch_error_retry_after_ms(const batch_error_t *error);

/*
 All of it as one JSON object: `status`, `name`, `message`, `help`, `service_code`,
 `request_id`, `http_status`, `retryable`, `retry_after_ms`, `claims` (a challenge to meet) and
 `details` (a list of `key` and `value`). What is absent is left out.

 - `error`: borrowed, may be NULL.
 - `out_len`: gets the length without the NUL; may be NULL.

 Returns a string that lives as long as `error`; NULL only for NULL. Any thread. Since 0.1.0.

 # Safety
 `error` is NULL or a live error; `out_len` is NULL or writable.
 */
BATCH_API const char *batch_error_json(const batch_error_t *error, size_t *out_len);

/*
 Frees an error. NULL is allowed.

 - `error`: taken; its strings go with it.

 Any thread. Since 0.1.0.

 # Safety
 `error` is NULL or a live error that is not used again.
 */
BATCH_API void batch_error_free(batch_error_t *error);

/*
 The id of a job.

 - `job`: borrowed, may be NULL.

 Returns UTF-8 that lives as long as `job`; NULL where the field is absent, as `select` can make
 it. Any thread. Since 0.1.0.

 # Safety
 `job` is NULL or a live job.
 */
BATCH_API const char *batch_job_id(const batch_job_t *job);

/*
 The display name of a job. U+0000, which a C string cannot hold, and lone surrogates are shown
 as U+FFFD; `batch_job_json` has them as they are.

 - `job`: borrowed, may be NULL.

 Returns UTF-8 that lives as long as `job`; NULL where absent. Any thread. Since 0.1.0.

 # Safety
 `job` is NULL or a live job.
 */
BATCH_API const char *batch_job_display_name(const batch_job_t *job);

/*
 The state of a job, one of `BATCH_JOB_STATE_*`.

 - `job`: borrowed, may be NULL.

 Returns `BATCH_JOB_STATE_UNKNOWN` where absent, or newer than this library. Any thread. Since
 0.1.0.

 # Safety
 `job` is NULL or a live job.
 */
BATCH_API int32_t batch_job_state(const batch_job_t *job);

/*
 The state of a job as the service wrote it.

 - `job`: borrowed, may be NULL.

 Returns UTF-8 that lives as long as `job`; NULL where absent. Any thread. Since 0.1.0.

 # Safety
 `job` is NULL or a live job.
 */
BATCH_API const char *batch_job_state_text(const batch_job_t *job);

/*
 The priority of a job, -1000 to 1000.

 - `job`: borrowed, may be NULL.
 - `absent`: what to return where the field is absent.

 Any thread. Since 0.1.0.

 # Safety
 `job` is NULL or a live job.
 */
BATCH_API int32_t batch_job_priority(const batch_job_t *job, int32_t absent);

/*
 When a job was created, in milliseconds since 1970, UTC.

 - `job`: borrowed, may be NULL.
 - `absent`: what to return where the field is absent.

 Any thread. Since 0.1.0.

 # Safety
 `job` is NULL or a live job.
 */
BATCH_API int64_t batch_job_creation_time_ms(const batch_job_t *job, int64_t absent);

/*
 The pool that a job runs in: `executionInfo`'s, which for an autopool is the real one, else
 `poolInfo`'s.

 - `job`: borrowed, may be NULL.

 Returns UTF-8 that lives as long as `job`; NULL where absent. Any thread. Since 0.1.0.

 # Safety
 `job` is NULL or a live job.
 */
BATCH_API const char *batch_job_pool_id(const batch_job_t *job);

/*
 A job as the service wrote it, with all its fields. It may hold secrets of the job, such as SAS
 tokens in resource files: do not log it.

 - `job`: borrowed, may be NULL.
 - `out_len`: gets the length without the NUL; may be NULL.

 Returns JSON that lives as long as `job`; NULL only for NULL. Any thread. Since 0.1.0.

 # Safety
 `job` is NULL or a live job; `out_len` is NULL or writable.
 */
BATCH_API const char *batch_job_json(const batch_job_t *job, size_t *out_len);

/*
 Begins to list the jobs of a Batch account. No I/O: the first page is asked for by the first
 `batch_jobs_next`.

 Any thread.

 - `auth`: borrowed, not NULL; the listing keeps what it needs of it.
 - `account_url`: borrowed, not NULL: `https://{account}.{region}.batch.azure.com`, or the host
   alone.
 - `options`: borrowed; NULL takes the defaults.
 - `out`: gets a listing that the caller frees with `batch_jobs_free`; NULL on failure.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns `BATCH_OK`; `BATCH_E_INVALID_ARGUMENT`, also for a continuation of another account;
 `BATCH_E_INVALID_UTF8`; `BATCH_E_UNSUPPORTED` for options of a newer library. Since 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns.
 */
BATCH_API
batch_status_t batch_list_jobs(batch_auth_t *auth,
                               const char *account_url,
                               const batch_list_options_t *options,
                               batch_jobs_t **out,
                               batch_error_t **err);

/*
 Gets the next job, and the next page where the one in hand is read. While a page is read the
 one after it is already on its way.

 Blocks for at most `call->timeout_ms`. One thread at a time.

 - `jobs`: borrowed, not NULL.
 - `call`: borrowed; NULL takes the defaults.
 - `out`: gets a job that lives until the next `batch_jobs_next` or `batch_jobs_free`; NULL unless
   `BATCH_OK` is returned.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns `BATCH_OK` and a job; `BATCH_DONE` at the end; `BATCH_PENDING`, only under
 `BATCH_CALL_NO_IO`, where the next page is not here; `BATCH_E_BUSY` where another thread is
 inside; else those of `batch_get_token` and 400 to 404. After a failure the jobs so far stay
 good, and the next call asks for the same page again; a next link that leaves the account, or
 leads in a circle, stays `BATCH_E_PROTOCOL`. Since 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns.
 */
BATCH_API
batch_status_t batch_jobs_next(batch_jobs_t *jobs,
                               const batch_call_options_t *call,
                               const batch_job_t **out,
                               batch_error_t **err);

/*
 The page after the one in hand, to go on from later, also in another process: see
 `batch_list_options_t.continuation`. The jobs of the page in hand that were not taken yet are not
 part of it.

 - `jobs`: borrowed, may be NULL.

 Returns a string that lives as long as `jobs`: before the first page the URL of that one; NULL at
 the end, after a next link that is not followed, for NULL, and while another thread is inside
 `batch_jobs_next`. It is a URL of the account; it holds no token. One thread at a time. Since
 0.1.0.

 # Safety
 `jobs` is NULL or a live handle.
 */
BATCH_API const char *batch_jobs_continuation(const batch_jobs_t *jobs);

/*
 Frees a listing, with the job it handed out last. What is under way for it is given up. NULL is
 allowed.

 - `jobs`: taken.

 Any thread. Since 0.1.0.

 # Safety
 `jobs` is NULL or a live handle that is not used again.
 */
BATCH_API void batch_jobs_free(batch_jobs_t *jobs);

/*
 Fills options with their defaults: pass `sizeof` of the struct as it was compiled.

 - `options`: written for `struct_size` bytes; NULL is ignored.
 - `struct_size`: in bytes; less than 4 is ignored.

 Any thread. Since 0.1.0.

 # Safety
 `options` is NULL or writable for `struct_size` bytes.
 */
BATCH_API void batch_list_options_init(batch_list_options_t *options, uint32_t struct_size);

/*
 Sends the library's log to a function; one for the whole process.

 A new one replaces the old, NULL removes it. When this returns, the old one is no longer running
 and its user data has been given to its `user_data_free`. Blocks while a record is being handed
 to the old one. Any thread, but not from inside the callback.

 - `max_level`: the least important records to get, `BATCH_LOG_*`.
 - `sink`: the function, or NULL.
 - `user_data`: passed to it as it is; any thread must be able to use it.
 - `user_data_free`: called once when `user_data` is no longer used, also where `sink` is NULL; may
   be NULL. On failure it is not called.

 Returns `BATCH_OK`; `BATCH_E_INVALID_ARGUMENT` for a level that is none; `BATCH_E_WOULD_DEADLOCK`
 from inside the callback. Since 0.1.0.

 # Safety
 `sink` and `user_data_free` are NULL or functions of these types that may be called with
 `user_data` from any thread until they are replaced.
 */
BATCH_API
batch_status_t batch_log_set(int32_t max_level,
                             batch_log_fn sink,
                             void *user_data,
                             batch_free_fn user_data_free);

/*
 Fills options with their defaults: pass `sizeof` of the struct as it was compiled.

 - `options`: written for `struct_size` bytes; NULL is ignored.
 - `struct_size`: in bytes; less than 4 is ignored.

 Any thread. Since 0.1.0.

 # Safety
 `options` is NULL or writable for `struct_size` bytes.
 */
BATCH_API void batch_auth_options_init(batch_auth_options_t *options, uint32_t struct_size);

/*
 Answers a `batch_assertion_fn` with a signed JSON web token.

 - `sink`: taken, except on failure.
 - `jwt`: borrowed, not NULL. Copied, and wiped after use.

 Does not block. Any thread. Returns `BATCH_OK`, also where the call has given up meanwhile;
 `BATCH_E_INVALID_ARGUMENT` for a sink that has been answered, is none, or waits for a token;
 `BATCH_E_INVALID_UTF8`. Since 0.1.0.

 # Safety
 `jwt` is NULL or NUL-terminated. `sink` may be anything.
 */
BATCH_API batch_status_t batch_sink_assertion(batch_sink_t *sink, const char *jwt);

/*
 Answers a `batch_token_fn` with an access token.

 - `sink`: taken, except on failure.
 - `token`: borrowed, not NULL: the access token alone. Copied, and wiped when it goes.
 - `expires_on`: seconds since 1970, UTC.

 Does not block. Any thread. Returns as `batch_sink_assertion`. Since 0.1.0.

 # Safety
 `token` is NULL or NUL-terminated. `sink` may be anything.
 */
BATCH_API
batch_status_t batch_sink_token(batch_sink_t *sink,
                                const char *token,
                                int64_t expires_on);

/*
 Answers a callback with a failure, which becomes that of the call.

 - `sink`: taken, except on failure.
 - `status`: one of `BATCH_E_*`; `BATCH_E_CREDENTIAL_UNAVAILABLE` lets a chain go on.
 - `message`: borrowed; what went wrong, without secrets. NULL for none.

 Does not block. Any thread. Returns `BATCH_OK`, also where the call has given up meanwhile;
 `BATCH_E_INVALID_ARGUMENT` for a sink that has been answered or is none, and for a status that is
 no failure; `BATCH_E_INVALID_UTF8`. Since 0.1.0.

 # Safety
 `message` is NULL or NUL-terminated. `sink` may be anything.
 */
BATCH_API
batch_status_t batch_sink_fail(batch_sink_t *sink,
                               batch_status_t status,
                               const char *message);

/*
 Signs in as an application with an assertion that the host signs (RFC 7523, 2.2).

 No network, and the callback is not called yet. Any thread.

 - `tenant_id`: borrowed, not NULL: the tenant's id or one of its domains.
 - `client_id`: borrowed, not NULL: the application's id.
 - `assertion`: not NULL; called for each token request.
 - `user_data`: passed to it as it is; any thread must be able to use it.
 - `user_data_free`: called once when `user_data` is no longer used; may be NULL. That may be on a
   thread of the library's own, after `batch_auth_free` has returned, where a request is still under
   way. On failure it is not called.
 - `options`: borrowed; NULL takes the defaults.
 - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns as `batch_auth_new_client_secret`. Since 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns; the functions and
 `user_data` until `user_data_free` is called.
 */
BATCH_API
batch_status_t batch_auth_new_client_assertion(const char *tenant_id,
                                               const char *client_id,
                                               batch_assertion_fn assertion,
                                               void *user_data,
                                               batch_free_fn user_data_free,
                                               const batch_auth_options_t *options,
                                               batch_auth_t **out,
                                               batch_error_t **err);

/*
 Serves the tokens that the host gets elsewhere, cached and renewed like any other.

 No network, and the callback is not called yet. Any thread.

 - `acquire`: not NULL; called for each token that the cache does not have.
 - `user_data`: passed to it as it is; any thread must be able to use it.
 - `user_data_free`: called once when `user_data` is no longer used; may be NULL. That may be on a
   thread of the library's own, after `batch_auth_free` has returned, where a request is still under
   way. On failure it is not called.
 - `options`: borrowed; NULL takes the defaults.
 - `out`: gets an auth that the caller frees with `batch_auth_free`; NULL on failure.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns as `batch_auth_new_client_secret`. Since 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns; the functions and
 `user_data` until `user_data_free` is called.
 */
BATCH_API
batch_status_t batch_auth_new_callback(batch_token_fn acquire,
                                       void *user_data,
                                       batch_free_fn user_data_free,
                                       const batch_auth_options_t *options,
                                       batch_auth_t **out,
                                       batch_error_t **err);

/*
 The name of a status, such as `"BATCH_E_TLS"`.

 Any thread. Returns a string that lives as long as the library, never NULL;
 `"BATCH_E_UNKNOWN"` for a number that is no status of this library. Since 0.1.0.
 */
BATCH_API const char *batch_status_name(batch_status_t status);

/*
 Gets a token: from the cache while one is usable there, else from the credential. A token that
 is due for renewal is served while its renewal runs in the background.

 Blocks for at most `call->timeout_ms`. Any thread, any number of calls at once: they share one
 request.

 - `auth`: borrowed, not NULL.
 - `call`: borrowed; NULL takes the defaults.
 - `out`: gets a token that the caller frees with `batch_token_free`; NULL on failure.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns `BATCH_OK`; `BATCH_PENDING`, without a token, only under `BATCH_CALL_NO_IO`; else
 `BATCH_E_INVALID_ARGUMENT`, `BATCH_E_INVALID_UTF8`, `BATCH_E_UNSUPPORTED`,
 `BATCH_E_WOULD_DEADLOCK`, 200 to 303, `BATCH_E_SERVICE` where Entra is out of order,
 `BATCH_E_PROTOCOL` for an answer that is not Entra's, `BATCH_E_CANCELLED`. Since 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns.
 */
BATCH_API
batch_status_t batch_get_token(batch_auth_t *auth,
                               const batch_call_options_t *call,
                               batch_token_t **out,
                               batch_error_t **err);

/*
 Gets a token as `batch_get_token` does, into the caller's buffer.

 Blocks for at most `call->timeout_ms`. Any thread, any number of calls at once. The caller wipes
 the buffer when the token is no longer needed.

 - `auth`: borrowed, not NULL.
 - `call`: borrowed; NULL takes the defaults.
 - `buffer`: gets the token and a NUL; may be NULL where `capacity` is 0, to ask for the length.
   On failure it holds an empty string.
 - `capacity`: the bytes that `buffer` has.
 - `out_len`: gets the length without the NUL, also when the buffer is too small; 0 on other
   failures. May be NULL.
 - `out_expires_on`: gets when it expires, in seconds since 1970, UTC; 0 on failure. May be NULL.
 - `err`: gets an error that the caller frees with `batch_error_free`. May be NULL.

 Returns as `batch_get_token`, and `BATCH_E_BUFFER_TOO_SMALL`. Since 0.1.0.

 # Safety
 Each pointer is NULL or valid, as said above, until the call returns; `buffer` is writable for
 `capacity` bytes.
 */
BATCH_API
batch_status_t batch_copy_token(batch_auth_t *auth,
                                const batch_call_options_t *call,
                                char *buffer,
                                size_t capacity,
                                size_t *out_len,
                                int64_t *out_expires_on,
                                batch_error_t **err);

/*
 The token itself: a secret. Send it only over TLS and only to the service it is for; do not log
 it.

 - `token`: borrowed, may be NULL.
 - `out_len`: gets the length without the NUL; may be NULL.

 Returns a string that lives as long as `token`; NULL only for NULL. Any thread. Since 0.1.0.

 # Safety
 `token` is NULL or a live handle; `out_len` is NULL or writable.
 */
BATCH_API const char *batch_token_value(const batch_token_t *token, size_t *out_len);

/*
 When the token expires, in seconds since 1970, UTC; 0 for NULL.

 - `token`: borrowed, may be NULL.

 Any thread. Since 0.1.0.

 # Safety
 `token` is NULL or a live handle.
 */
BATCH_API int64_t batch_token_expires_on(const batch_token_t *token);

/*
 From when on the token is renewed, in seconds since 1970, UTC; 0 for NULL. Past it, it is still
 served while its renewal is under way or has failed.

 - `token`: borrowed, may be NULL.

 Any thread. Since 0.1.0.

 # Safety
 `token` is NULL or a live handle.
 */
BATCH_API int64_t batch_token_refresh_on(const batch_token_t *token);

/*
 When the token was got, in seconds since 1970, UTC; 0 for NULL.

 - `token`: borrowed, may be NULL.

 Any thread. Since 0.1.0.

 # Safety
 `token` is NULL or a live handle.
 */
BATCH_API int64_t batch_token_acquired_on(const batch_token_t *token);

/*
 The claims inside the token, as the JSON object they are (RFC 7519, 4). Not verified: that is
 the business of the service that the token is for.

 - `token`: borrowed, may be NULL.
 - `out_len`: gets the length without the NUL; 0 where there are none. May be NULL.

 Returns a string that lives as long as `token`; NULL for NULL and for a token that is no JSON web
 token. Any thread. Since 0.1.0.

 # Safety
 `token` is NULL or a live handle; `out_len` is NULL or writable.
 */
BATCH_API const char *batch_token_claims(const batch_token_t *token, size_t *out_len);

/*
 Frees a token; the last to be freed wipes it. NULL is allowed.

 - `token`: taken; its strings go with it.

 Any thread. Since 0.1.0.

 # Safety
 `token` is NULL or a live handle that is not used again.
 */
BATCH_API void batch_token_free(batch_token_t *token);

/*
 The version of the library that is loaded, such as `"0.1.0"`.

 Any thread. Returns a string that lives as long as the library, never NULL. Since 0.1.0.
 */
BATCH_API const char *batch_version(void);

/*
 The version of the ABI: `major << 16 | minor`. A program works with a library of the same major
 and the same or a higher minor number.

 Any thread. Since 0.1.0.
 */
BATCH_API uint32_t batch_abi_version(void);

/*
 Whether this build can do something: 1 or 0.

 - `name`: borrowed; a credential, as in `batch_auth_new_<name>` (`"client_secret"`,
   `"client_assertion"`, `"workload_identity"`, `"on_behalf_of"`, `"callback"`, `"static_token"`), or
   `"list_jobs"`. NULL and unknown names give 0.

 Any thread. Since 0.1.0.

 # Safety
 `name` is NULL or a NUL-terminated string.
 */
BATCH_API
int32_t batch_has_feature(const char *name);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BATCH_AUTH_H */
