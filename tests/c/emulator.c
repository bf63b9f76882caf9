/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The harness's line to the emulator: EMULATOR_* variables, and HTTP over a plain socket to its
 * admin port (tests/emulator/src/admin). See harness.h for what each function does.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FAIL(...) harness_fail(__FILE__, __LINE__, __VA_ARGS__)

/* Variables that were set for one test: "NAME=VALUE", all allocated. */
static char *settings[64];
static size_t settings_count;

void emulator_set(const char *name, const char *value)
{
  if (name == NULL) {
    while (settings_count > 0)
      free(settings[--settings_count]);
    return;
  }
  if (settings_count == sizeof settings / sizeof settings[0])
    FAIL("too many variables");
  settings[settings_count++] = text_of("%s=%s", name, value);
}

const char *emulator(const char *name)
{
  char *full = text_of("EMULATOR_%s", name);
  size_t i, length = strlen(full);
  const char *value = NULL;

  for (i = 0; i < settings_count; i++)
    if (strncmp(settings[i], full, length) == 0 && settings[i][length] == '=')
      value = settings[i] + length + 1;
  if (value == NULL)
    value = getenv(full);
  if (value == NULL)
    FAIL("%s is not set: run this by tests/c_programs.rs, or as tests/README.md says", full);
  free(full);
  return value;
}

uint32_t emulator_jobs(void)
{
  return (uint32_t)strtoul(emulator("JOBS"), NULL, 10);
}

/* ------------------------------------------------------------------- HTTP */
static int admin_socket(void)
{
  const char *url = emulator("ADMIN");
  const char *port = strrchr(url, ':');
  struct sockaddr_in address;
  int handle = socket(AF_INET, SOCK_STREAM, 0);

  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((uint16_t)(port != NULL ? strtoul(port + 1, NULL, 10) : 0));
  if (handle < 0 || connect(handle, (const struct sockaddr *)&address, sizeof address) != 0)
    FAIL("the emulator's admin port cannot be reached: %s", url);
  return handle;
}

static void send_all(int handle, const char *text)
{
  size_t left = strlen(text);

  while (left > 0) {
    ssize_t sent = send(handle, text, left, MSG_NOSIGNAL);
    if (sent <= 0)
      FAIL("the emulator's admin port hung up");
    text += sent;
    left -= (size_t)sent;
  }
}

static char *receive_all(int handle)
{
  size_t length = 0, capacity = 4096;
  char *text = (char *)malloc(capacity);

  for (;;) {
    ssize_t got;
    if (text != NULL && length + 1 == capacity)
      text = (char *)realloc(text, capacity *= 2);
    if (text == NULL)
      FAIL("no memory for an answer of the emulator");
    got = recv(handle, text + length, capacity - length - 1, 0);
    if (got < 0)
      FAIL("the emulator's admin port hung up");
    if (got == 0)
      break;
    length += (size_t)got;
  }
  text[length] = '\0';
  return text;
}

/* One exchange. The answer's body, which the caller frees; anything but 2xx is a failure. */
static char *admin(const char *method, const char *path, const char *body)
{
  int handle = admin_socket();
  char *request = text_of("%s %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
                          "content-length: %lu\r\n\r\n%s",
                          method, path, (unsigned long)strlen(body), body);
  char *answer, *start;

  send_all(handle, request);
  free(request);
  answer = receive_all(handle);
  close(handle);
  start = strstr(answer, "\r\n\r\n");
  if (strncmp(answer, "HTTP/1.1 2", 10) != 0 || start == NULL)
    FAIL("the emulator refused %s %s %s: %s", method, path, body, answer);
  start = text_of("%s", start + 4);
  free(answer);
  return start;
}

static long count_in(char *answer)
{
  const char *count = strstr(answer, "\"count\":");
  long number = count != NULL ? strtol(count + 8, NULL, 10) : -1;

  free(answer);
  return number;
}

/* -------------------------------------------------------------- operations */
void emulator_fault(const char *format, ...)
{
  char rule[2048];
  va_list arguments;
  int length;

  va_start(arguments, format);
  length = vsnprintf(rule, sizeof rule, format, arguments);
  va_end(arguments);
  if (length < 0 || (size_t)length >= sizeof rule)
    FAIL("a fault rule is too long");
  free(admin("POST", "/faults", rule));
}

void emulator_clear_faults(void)
{
  free(admin("DELETE", "/faults", ""));
}

void emulator_switch(const char *json)
{
  free(admin("POST", "/switches", json));
}

void emulator_clock(long offset_s)
{
  char *json = text_of("{\"offset_s\":%ld}", offset_s);

  free(admin("POST", "/clock", json));
  free(json);
}

long emulator_requests(const char *listener, const char *path)
{
  char *query = text_of("/requests/count?listener=%s&path=%s", listener, path);
  long count = count_in(admin("GET", query, ""));

  free(query);
  return count;
}

void emulator_wait(const char *listener, const char *path, long count)
{
  char *query =
      text_of("/requests/wait?listener=%s&path=%s&count=%ld&timeout_ms=60000", listener, path, count);

  free(admin("GET", query, ""));
  free(query);
}

char *emulator_journal(void)
{
  return admin("GET", "/requests", "");
}

void emulator_forget_requests(void)
{
  free(admin("DELETE", "/requests", ""));
}

/* --------------------------------------------------------------- shortcuts */
void emulator_options(batch_auth_options_t *options)
{
  batch_auth_options_init(options, sizeof *options);
  options->authority_host = emulator("ENTRA");
  options->ca_bundle_path = emulator("CA");
}

void emulator_options_once(batch_auth_options_t *options)
{
  emulator_options(options);
  options->max_retries = 0;
}

batch_auth_t *reader(const batch_auth_options_t *options)
{
  batch_auth_options_t usual;
  batch_auth_t *auth = NULL;
  batch_error_t *err = NULL;

  emulator_options(&usual);
  CHECK_OK(batch_auth_new_client_secret(emulator("TENANT"), emulator("CLIENT_ID"),
                                        emulator("CLIENT_SECRET"), options != NULL ? options : &usual,
                                        &auth, &err),
           err);
  CHECK(auth != NULL);
  return auth;
}

batch_jobs_t *listing(batch_auth_t *auth, const char *account, const batch_list_options_t *options)
{
  char *name = text_of("BATCH_%s", account);
  batch_jobs_t *jobs = NULL;
  batch_error_t *err = NULL;

  CHECK_OK(batch_list_jobs(auth, emulator(name), options, &jobs, &err), err);
  CHECK(jobs != NULL);
  free(name);
  return jobs;
}

static void check_status(const char *what, batch_status_t got, batch_status_t status, const batch_error_t *err)
{
  if (got != status)
    FAIL("%s gave %s, not %s: %s", what, batch_status_name(got), batch_status_name(status),
         err != NULL ? batch_error_message(err) : "no error");
  CHECK(err != NULL);
}

batch_error_t *token_failure(const batch_auth_options_t *options, batch_status_t status)
{
  batch_auth_t *auth = reader(options);
  batch_token_t *token = UNTOUCHED(batch_token_t);
  batch_error_t *err = NULL;
  batch_status_t got = batch_get_token(auth, NULL, &token, &err);

  check_status("the token request", got, status, err);
  CHECK(token == NULL);
  batch_auth_free(auth);
  return err;
}

batch_error_t *next_failure(batch_jobs_t *jobs, batch_status_t status)
{
  const batch_job_t *job = UNTOUCHED(const batch_job_t);
  batch_error_t *err = NULL;
  batch_status_t got = batch_jobs_next(jobs, NULL, &job, &err);

  check_status("the listing", got, status, err);
  CHECK(job == NULL);
  return err;
}

batch_error_t *jobs_failure(const batch_auth_options_t *options, batch_status_t status)
{
  batch_auth_t *auth = reader(options);
  batch_jobs_t *jobs = listing(auth, "CONTOSO", NULL);
  batch_error_t *err = next_failure(jobs, status);

  batch_jobs_free(jobs);
  batch_auth_free(auth);
  return err;
}

void take_jobs(batch_jobs_t *jobs, uint32_t count)
{
  const batch_job_t *job = NULL;
  batch_error_t *err = NULL;

  while (count-- > 0) {
    CHECK_OK(batch_jobs_next(jobs, NULL, &job, &err), err);
    CHECK(batch_job_id(job) != NULL);
  }
}

uint32_t take_rest(batch_jobs_t *jobs)
{
  const batch_job_t *job = NULL;
  batch_error_t *err = NULL;
  batch_status_t status;
  uint32_t count = 0;

  while ((status = batch_jobs_next(jobs, NULL, &job, &err)) == BATCH_OK)
    count++;
  if (status != BATCH_DONE)
    FAIL("a listing ended in %s: %s", batch_status_name(status), batch_error_message(err));
  CHECK(job == NULL && err == NULL);
  return count;
}
