/* Signs in with a client secret and lists the jobs of a Batch account.
 *
 *   cc list_jobs.c -lbatch_auth -o list_jobs
 *   export AZURE_TENANT_ID=... AZURE_CLIENT_ID=... AZURE_CLIENT_SECRET=...
 *   ./list_jobs https://contoso.westeurope.batch.azure.com ["state eq 'active'" [most]]
 *
 * Prints the token's tenant and expiry (never the token) and a table of the jobs. BATCH_CA_BUNDLE,
 * where it is set, names a PEM file of authorities to trust instead of the system's.
 */
#include "batch_auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Reports an error on stderr, frees it, and gives the program's exit status. */
static int report(batch_status_t status, batch_error_t *err)
{
  const char *help = batch_error_help(err);
  const char *id = batch_error_request_id(err);

  fprintf(stderr, "%s: %s\n", batch_status_name(status), batch_error_message(err));
  if (help != NULL)
    fprintf(stderr, "  what to do: %s\n", help);
  if (id != NULL)
    fprintf(stderr, "  request id: %s\n", id);
  batch_error_free(err);
  return EXIT_FAILURE;
}

/* Copies the string member `name` of a flat JSON object: enough for the ids among a token's claims. */
static void claim(const char *json, const char *name, char *value, size_t capacity)
{
  char quoted[64];
  const char *start;
  size_t length;

  snprintf(quoted, sizeof quoted, "\"%s\":\"", name);
  snprintf(value, capacity, "unknown");
  if (json == NULL || (start = strstr(json, quoted)) == NULL)
    return;
  start += strlen(quoted);
  length = strcspn(start, "\"");
  snprintf(value, capacity, "%.*s", (int)(length < 256 ? length : 256), start);
}

static void print_token(const batch_token_t *token)
{
  char tenant[300], until[64] = "unknown";
  time_t expires_on = (time_t)batch_token_expires_on(token);
  const struct tm *utc = gmtime(&expires_on);

  claim(batch_token_claims(token, NULL), "tid", tenant, sizeof tenant);
  if (utc != NULL)
    strftime(until, sizeof until, "%Y-%m-%d %H:%M:%S UTC", utc);
  printf("token for tenant %s, until %s\n\n", tenant, until);
}

/* "3d 4h", "4h 10m", "10m": how long ago a job was created. */
static void age(const batch_job_t *job, char *text, size_t capacity)
{
  int64_t created = batch_job_creation_time_ms(job, -1);
  long minutes = (long)(((int64_t)time(NULL) - created / 1000) / 60);

  if (created < 0 || minutes < 0)
    snprintf(text, capacity, "-");
  else if (minutes >= 24 * 60)
    snprintf(text, capacity, "%ldd %ldh", minutes / (24 * 60), minutes / 60 % 24);
  else if (minutes >= 60)
    snprintf(text, capacity, "%ldh %ldm", minutes / 60, minutes % 60);
  else
    snprintf(text, capacity, "%ldm", minutes);
}

static const char *or_dash(const char *text)
{
  return text != NULL ? text : "-";
}

static int list(batch_auth_t *auth, const char *account, const char *filter, unsigned long most)
{
  batch_list_options_t options;
  batch_jobs_t *jobs = NULL;
  const batch_job_t *job = NULL;
  batch_error_t *err = NULL;
  batch_status_t status;
  unsigned long count = 0;

  batch_list_options_init(&options, sizeof options);
  options.filter = filter;
  options.select = "id,state,creationTime,poolInfo,executionInfo";
  options.max_items = most;
  status = batch_list_jobs(auth, account, &options, &jobs, &err);
  if (status != BATCH_OK)
    return report(status, err);

  printf("%-24s %-12s %-42s %s\n", "JOB", "STATE", "POOL", "AGE");
  while ((status = batch_jobs_next(jobs, NULL, &job, &err)) == BATCH_OK) {
    char since[64];
    age(job, since, sizeof since);
    printf("%-24s %-12s %-42s %s\n", or_dash(batch_job_id(job)), or_dash(batch_job_state_text(job)),
           or_dash(batch_job_pool_id(job)), since);
    count++;
  }
  batch_jobs_free(jobs);
  if (status != BATCH_DONE)
    return report(status, err);
  printf("\n%lu jobs\n", count);
  return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
  const char *tenant = getenv("AZURE_TENANT_ID");
  const char *client = getenv("AZURE_CLIENT_ID");
  const char *secret = getenv("AZURE_CLIENT_SECRET");
  batch_auth_options_t options;
  batch_auth_t *auth = NULL;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;
  batch_status_t status;
  int result;

  if (argc < 2 || tenant == NULL || client == NULL || secret == NULL) {
    fprintf(stderr, "usage: %s ACCOUNT_URL [FILTER [MOST]]\n"
                    "with AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET set\n", argv[0]);
    return 2;
  }
  batch_auth_options_init(&options, sizeof options);
  options.ca_bundle_path = getenv("BATCH_CA_BUNDLE");
  status = batch_auth_new_client_secret(tenant, client, secret, &options, &auth, &err);
  if (status != BATCH_OK)
    return report(status, err);

  status = batch_get_token(auth, NULL, &token, &err);
  if (status != BATCH_OK) {
    batch_auth_free(auth);
    return report(status, err);
  }
  print_token(token);
  batch_token_free(token);

  result = list(auth, argv[1], argc > 2 ? argv[2] : NULL, argc > 3 ? strtoul(argv[3], NULL, 10) : 0);
  batch_auth_free(auth);
  return result;
}
