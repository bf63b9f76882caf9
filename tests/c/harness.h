/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The harness of the C tests: checks, threads, and a line to the emulator.
 *
 * A test program lists its tests in HARNESS_MAIN. `program --list` prints their names, `program
 * NAME` runs one; so each test has a process of its own, and an emulator of its own, which the
 * runner (tests/programs) starts and describes in EMULATOR_* variables. `program --feed` runs what
 * standard input says, for tools under which a process is dear. A check that fails ends the process
 * with status 1. What needs POSIX is in the harness, so that tests are plain C99 and C++11.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include "batch_auth.h"

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define HARNESS_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define HARNESS_NORETURN __attribute__((noreturn))
#else
#define HARNESS_PRINTF(text, first)
#define HARNESS_NORETURN
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------- tests */
typedef struct test_case {
  const char *name;
  void (*run)(void);
} test_case_t;

#define TEST(name) static void name(void)
#define RUN(name) { #name, name }
/* Each test once: one that is left out is an unused function, which does not compile. */
#define HARNESS_MAIN(...)                                                                         \
  int main(int argc, char **argv)                                                                 \
  {                                                                                               \
    static const test_case_t cases[] = { __VA_ARGS__ };                                           \
    return harness_main(argc, argv, cases, sizeof cases / sizeof cases[0]);                       \
  }

int harness_main(int argc, char **argv, const test_case_t *cases, size_t count);

/* ------------------------------------------------------------------ checks */
#define CHECK(condition) \
  ((condition) ? (void)0 : harness_fail(__FILE__, __LINE__, "not true: %s", #condition))
#define CHECK_INT(got, wanted) \
  harness_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(wanted))
/* NULL equals NULL only. */
#define CHECK_STR(got, wanted) harness_str(__FILE__, __LINE__, #got, (got), (wanted))
/* All words, which are separated by '|', are in the text. */
#define CHECK_HAS(text, words) harness_has(__FILE__, __LINE__, #text, (text), (words))
#define CHECK_HAS_NOT(text, word) harness_has_not(__FILE__, __LINE__, #text, (text), (word))
/* `err` is looked at after the call. */
#define CHECK_OK(call, err) harness_ok(__FILE__, __LINE__, #call, (call), &(err))

/* A failed call: all that an error says, and that its texts are there, differ and hold the words.
 * Frees it. `code` may be NULL; `help` may be NULL where no advice is to be had. */
#define CHECK_ERROR(err, status, code, http, retryable, id, message, help)                        \
  (harness_error(__FILE__, __LINE__, (err), (status), (code), (http), (retryable), (id), (message), \
                 (help)),                                                                         \
   (err) = NULL)
#define FINAL 0
#define RETRYABLE 1
#define NO_ID 0
#define HAS_ID 1

/* What an output holds before the call that must set it. */
#define UNTOUCHED(type) ((type *)(uintptr_t)0x5a5a5a50u)

void harness_fail(const char *file, int line, const char *format, ...)
    HARNESS_PRINTF(3, 4) HARNESS_NORETURN;
void harness_int(const char *file, int line, const char *what, long long got, long long wanted);
void harness_str(const char *file, int line, const char *what, const char *got, const char *wanted);
void harness_has(const char *file, int line, const char *what, const char *text, const char *words);
void harness_has_not(const char *file, int line, const char *what, const char *text, const char *word);
void harness_ok(const char *file, int line, const char *what, batch_status_t status,
                batch_error_t *const *err);
void harness_error(const char *file, int line, batch_error_t *err, batch_status_t status, const char *code,
                   int32_t http, int32_t retryable, int id, const char *message, const char *help);

/* Whether `length` bytes are one JSON text (RFC 8259) with nothing around it but blanks. */
int json_is_valid(const char *text, size_t length);
/* A new string; the caller frees it. */
char *text_of(const char *format, ...) HARNESS_PRINTF(1, 2);

/* ----------------------------------------------------------------- threads */
typedef struct worker worker_t;
worker_t *worker_start(void (*run)(void *argument), void *argument);
void worker_join(worker_t *worker);
/* Lets `count` threads through at once, when all have come. */
typedef struct gate gate_t;
gate_t *gate_new(int count);
void gate_pass(gate_t *gate);
void gate_free(gate_t *gate);

/* --------------------------------------------------------------------- log */
/* Collects the records of the library, one a line: "level target message". */
void logbook_open(int32_t max_level);
/* All lines so far; the caller frees it. */
char *logbook_read(void);
void logbook_close(void);

/* ---------------------------------------------------------------- emulator */
/* EMULATOR_<name>, which must be there. It lives until the test ends. */
const char *emulator(const char *name);
/* Goes before the variable of the environment, from now on; NULL forgets them all. */
void emulator_set(const char *name, const char *value);
/* How many jobs the account `contoso` has. */
uint32_t emulator_jobs(void);
/* Adds one fault rule, as JSON (tests/emulator/README.md). */
void emulator_fault(const char *format, ...) HARNESS_PRINTF(1, 2);
void emulator_clear_faults(void);
/* Roles, network rules, habits, as JSON. */
void emulator_switch(const char *json);
void emulator_clock(long offset_s);
/* Requests to `listener` with `path` in their path; "" is any. */
long emulator_requests(const char *listener, const char *path);
/* Returns when so many have been received, answered or not; a minute without them is a failure. */
void emulator_wait(const char *listener, const char *path, long count);
/* All requests as JSON; the caller frees it. */
char *emulator_journal(void);
void emulator_forget_requests(void);

/* ------------------------------------------------------------------ shortcuts */
/* The defaults, with the emulator as the authority and its CA trusted. */
void emulator_options(batch_auth_options_t *options);
/* The same without retries: a failure is told by the first answer. */
void emulator_options_once(batch_auth_options_t *options);
/* An auth of the application that may read every account. `options` may be NULL. */
batch_auth_t *reader(const batch_auth_options_t *options);
/* A listing of an account (CONTOSO, EMPTY, SINGLE, LOCKED, SHAREDKEY). `options` may be NULL. */
batch_jobs_t *listing(batch_auth_t *auth, const char *account, const batch_list_options_t *options);
/* The error of a fresh auth that is asked for a token, or for the jobs of `contoso`: with `status`, and
 * without a token or job. */
batch_error_t *token_failure(const batch_auth_options_t *options, batch_status_t status);
batch_error_t *jobs_failure(const batch_auth_options_t *options, batch_status_t status);
/* The error of the next call. */
batch_error_t *next_failure(batch_jobs_t *jobs, batch_status_t status);
/* Takes `count` jobs, all of which must come. */
void take_jobs(batch_jobs_t *jobs, uint32_t count);
/* Takes jobs up to the end and says how many came. */
uint32_t take_rest(batch_jobs_t *jobs);
/* A token gets there, after this many requests to Entra. */
void check_token(const batch_auth_options_t *options, long requests);
/* Three jobs of SINGLE get there, after this many requests for pages. */
void check_jobs(const batch_auth_options_t *options, long requests);
/* A token, which must be there; the caller frees it. */
batch_token_t *token_of(batch_auth_t *auth, const batch_call_options_t *call);
/* Whether both are the same token. */
void check_same(const batch_token_t *one, const batch_token_t *other, int same);
long token_requests(void);
/* A listing of CONTOSO in pages of this size. */
batch_jobs_t *pages_of(batch_auth_t *auth, uint32_t size);
/* The next job, which must be there. */
const batch_job_t *next_job(batch_jobs_t *jobs);
long page_requests(void);

#ifdef __cplusplus
}
#endif
#endif /* HARNESS_H */
