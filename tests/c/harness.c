/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The harness's checks, threads and log; see harness.h. The line to the emulator is in emulator.c,
 * the JSON reader in json.c.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "harness.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------- tests */
static int run_test(const char *name, const test_case_t *cases, size_t count)
{
  size_t i;

  for (i = 0; i < count; i++) {
    if (strcmp(name, cases[i].name) == 0) {
      cases[i].run();
      return 0;
    }
  }
  fprintf(stderr, "no test is called %s\n", name);
  return 2;
}

/* Lines: "EMULATOR_ADMIN=..." for the test to come, then its name. */
static int feed(const test_case_t *cases, size_t count)
{
  char line[4096];
  int status = 0;

  while (status == 0 && fgets(line, sizeof line, stdin) != NULL) {
    char *value = strchr(line, '=');
    line[strcspn(line, "\n")] = '\0';
    if (value != NULL) {
      *value++ = '\0';
      emulator_set(line, value);
    } else {
      fprintf(stderr, "--- %s\n", line);
      status = run_test(line, cases, count);
      emulator_set(NULL, NULL);
    }
  }
  return status;
}

int harness_main(int argc, char **argv, const test_case_t *cases, size_t count)
{
  size_t i;

  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (i = 0; i < count; i++)
      puts(cases[i].name);
    return 0;
  }
  if (argc == 2 && strcmp(argv[1], "--feed") == 0)
    return feed(cases, count);
  if (argc == 2)
    return run_test(argv[1], cases, count);
  fprintf(stderr, "usage: %s --list | --feed | NAME\n", argv[0]);
  return 2;
}

/* ------------------------------------------------------------------ checks */
void harness_fail(const char *file, int line, const char *format, ...)
{
  const char *name = strrchr(file, '/');
  va_list arguments;

  fprintf(stderr, "%s:%d: ", name != NULL ? name + 1 : file, line);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  fflush(stderr);
  /* Not exit(): other threads may be inside the library. */
  _exit(1);
}

void harness_int(const char *file, int line, const char *what, long long got, long long wanted)
{
  if (got != wanted)
    harness_fail(file, line, "%s is %lld, not %lld", what, got, wanted);
}

static const char *or_null(const char *text)
{
  return text != NULL ? text : "(NULL)";
}

void harness_str(const char *file, int line, const char *what, const char *got, const char *wanted)
{
  int equal = got == NULL || wanted == NULL ? got == wanted : strcmp(got, wanted) == 0;

  if (!equal)
    harness_fail(file, line, "%s is \"%s\", not \"%s\"", what, or_null(got), or_null(wanted));
}

void harness_has(const char *file, int line, const char *what, const char *text, const char *words)
{
  char word[256];

  while (*words != '\0') {
    size_t length = strcspn(words, "|");
    if (length >= sizeof word)
      harness_fail(file, line, "a word to look for is too long: %s", words);
    memcpy(word, words, length);
    word[length] = '\0';
    if (text == NULL || strstr(text, word) == NULL)
      harness_fail(file, line, "%s has no \"%s\": \"%s\"", what, word, or_null(text));
    words += length + (words[length] == '|');
  }
}

void harness_has_not(const char *file, int line, const char *what, const char *text, const char *word)
{
  if (text != NULL && strstr(text, word) != NULL)
    harness_fail(file, line, "%s has \"%s\": \"%s\"", what, word, text);
}

void harness_ok(const char *file, int line, const char *what, batch_status_t status,
                batch_error_t *const *err)
{
  if (status != BATCH_OK)
    harness_fail(file, line, "%s: %s: %s (%s)", what, batch_status_name(status),
                 or_null(batch_error_message(*err)), or_null(batch_error_help(*err)));
  if (*err != NULL)
    harness_fail(file, line, "%s: success, and yet an error", what);
}

/* A text for people: there, on one line, and printable. */
static void check_text(const char *file, int line, const char *what, const char *text)
{
  const char *at;

  if (text == NULL || *text == '\0')
    harness_fail(file, line, "the %s is missing", what);
  for (at = text; *at != '\0'; at++)
    if ((unsigned char)*at < ' ' || *at == 127)
      harness_fail(file, line, "the %s holds a control character: \"%s\"", what, text);
}

static void check_error_json(const char *file, int line, const batch_error_t *err)
{
  size_t length = 0;
  const char *json = batch_error_json(err, &length);
  char *name = text_of("\"name\":\"%s\"", batch_status_name(batch_error_status(err)));

  if (json == NULL || strlen(json) != length || !json_is_valid(json, length))
    harness_fail(file, line, "the error's JSON is not one: %s", or_null(json));
  harness_has(file, line, "the error's JSON", json, name);
  free(name);
}

void harness_error(const char *file, int line, batch_error_t *err, batch_status_t status, const char *code,
                   int32_t http, int32_t retryable, int id, const char *message, const char *help)
{
  const char *got_message = batch_error_message(err);
  const char *got_help = batch_error_help(err);

  if (err == NULL)
    harness_fail(file, line, "no error came");
  if (batch_error_status(err) != status)
    harness_fail(file, line, "the error is %s, not %s: %s", batch_status_name(batch_error_status(err)),
                 batch_status_name(status), or_null(got_message));
  check_text(file, line, "message", got_message);
  harness_has(file, line, "the message", got_message, message);
  if (help != NULL) {
    check_text(file, line, "help", got_help);
    harness_has(file, line, "the help", got_help, help);
    if (strcmp(got_message, got_help) == 0)
      harness_fail(file, line, "message and help are the same: %s", got_help);
  }
  harness_str(file, line, "the service code", batch_error_service_code(err), code);
  harness_int(file, line, "the HTTP status", batch_error_http_status(err), http);
  if (batch_error_is_retryable(err) != retryable)
    harness_fail(file, line, "retryable is %d: %s", (int)batch_error_is_retryable(err), got_message);
  if ((batch_error_request_id(err) != NULL) != id)
    harness_fail(file, line, "the request id is %s: %s", or_null(batch_error_request_id(err)), got_message);
  check_error_json(file, line, err);
  batch_error_free(err);
}

char *text_of(const char *format, ...)
{
  va_list arguments, again;
  int length;
  char *text;

  va_start(arguments, format);
  va_copy(again, arguments);
  length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  text = length < 0 ? NULL : (char *)malloc((size_t)length + 1);
  if (text == NULL)
    harness_fail(__FILE__, __LINE__, "no memory for a text");
  vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  return text;
}

/* ----------------------------------------------------------------- threads */
struct worker {
  pthread_t thread;
  void (*run)(void *argument);
  void *argument;
};

static void *worker_main(void *handle)
{
  worker_t *worker = (worker_t *)handle;

  worker->run(worker->argument);
  return NULL;
}

worker_t *worker_start(void (*run)(void *argument), void *argument)
{
  worker_t *worker = (worker_t *)malloc(sizeof *worker);

  if (worker == NULL)
    harness_fail(__FILE__, __LINE__, "no memory for a thread");
  worker->run = run;
  worker->argument = argument;
  if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
    harness_fail(__FILE__, __LINE__, "no thread to be had");
  return worker;
}

void worker_join(worker_t *worker)
{
  if (pthread_join(worker->thread, NULL) != 0)
    harness_fail(__FILE__, __LINE__, "a thread cannot be joined");
  free(worker);
}

struct gate {
  pthread_mutex_t lock;
  pthread_cond_t all_came;
  int missing;
};

gate_t *gate_new(int count)
{
  gate_t *gate = (gate_t *)malloc(sizeof *gate);

  if (gate == NULL || pthread_mutex_init(&gate->lock, NULL) != 0 ||
      pthread_cond_init(&gate->all_came, NULL) != 0)
    harness_fail(__FILE__, __LINE__, "no gate to be had");
  gate->missing = count;
  return gate;
}

void gate_pass(gate_t *gate)
{
  pthread_mutex_lock(&gate->lock);
  if (--gate->missing == 0)
    pthread_cond_broadcast(&gate->all_came);
  while (gate->missing > 0)
    pthread_cond_wait(&gate->all_came, &gate->lock);
  pthread_mutex_unlock(&gate->lock);
}

void gate_free(gate_t *gate)
{
  pthread_cond_destroy(&gate->all_came);
  pthread_mutex_destroy(&gate->lock);
  free(gate);
}

/* --------------------------------------------------------------------- log */
static pthread_mutex_t logbook_lock = PTHREAD_MUTEX_INITIALIZER;
static char *logbook_text;
static size_t logbook_length;

static void logbook_write(int32_t level, const char *target, const char *message, int64_t time_ms,
                          void *user_data)
{
  char *line = text_of("%d %s %s\n", (int)level, target, message);
  size_t length = strlen(line);
  char *longer;

  (void)user_data;
  if (time_ms <= 0)
    harness_fail(__FILE__, __LINE__, "a record without a time: %s", line);
  pthread_mutex_lock(&logbook_lock);
  longer = (char *)realloc(logbook_text, logbook_length + length + 1);
  if (longer == NULL)
    harness_fail(__FILE__, __LINE__, "no memory for the log");
  memcpy(longer + logbook_length, line, length + 1);
  logbook_text = longer;
  logbook_length += length;
  pthread_mutex_unlock(&logbook_lock);
  free(line);
}

void logbook_open(int32_t max_level)
{
  if (batch_log_set(max_level, logbook_write, NULL, NULL) != BATCH_OK)
    harness_fail(__FILE__, __LINE__, "the log cannot be set");
}

char *logbook_read(void)
{
  char *copy;

  pthread_mutex_lock(&logbook_lock);
  copy = text_of("%s", logbook_text != NULL ? logbook_text : "");
  pthread_mutex_unlock(&logbook_lock);
  return copy;
}

void logbook_close(void)
{
  if (batch_log_set(BATCH_LOG_OFF, NULL, NULL, NULL) != BATCH_OK)
    harness_fail(__FILE__, __LINE__, "the log cannot be removed");
  free(logbook_text);
  logbook_text = NULL;
  logbook_length = 0;
}

void check_token(const batch_auth_options_t *options, long requests)
{
  batch_auth_t *auth = reader(options);
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;

  CHECK_OK(batch_get_token(auth, NULL, &token, &err), err);
  CHECK_INT(emulator_requests("entra", "/token"), requests);
  batch_token_free(token);
  batch_auth_free(auth);
}

void check_jobs(const batch_auth_options_t *options, long requests)
{
  batch_auth_t *auth = reader(options);
  batch_jobs_t *jobs = listing(auth, "SINGLE", NULL);

  CHECK_INT(take_rest(jobs), 3);
  CHECK_INT(emulator_requests("batch", "/jobs"), requests);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
}

batch_token_t *token_of(batch_auth_t *auth, const batch_call_options_t *call)
{
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;

  CHECK_OK(batch_get_token(auth, call, &token, &err), err);
  CHECK(token != NULL);
  return token;
}

void check_same(const batch_token_t *one, const batch_token_t *other, int same)
{
  CHECK_INT(strcmp(batch_token_value(one, NULL), batch_token_value(other, NULL)) == 0, same);
}

long token_requests(void)
{
  return emulator_requests("entra", "/token");
}

batch_jobs_t *pages_of(batch_auth_t *auth, uint32_t size)
{
  batch_list_options_t options;

  batch_list_options_init(&options, sizeof options);
  options.max_results = size;
  return listing(auth, "CONTOSO", &options);
}

const batch_job_t *next_job(batch_jobs_t *jobs)
{
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;

  CHECK_OK(batch_jobs_next(jobs, NULL, &job, &err), err);
  CHECK(job != NULL);
  return job;
}

long page_requests(void)
{
  return emulator_requests("batch", "/jobs");
}
