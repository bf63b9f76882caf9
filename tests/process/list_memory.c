/* Lists jobs and prints how many there were and the most memory that was resident, in KiB.
 *
 *   list_memory MOST     MOST: jobs at most; 0 for all
 */
#include "batch_auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long peak_resident_kib(void)
{
  char line[256];
  long peak = -1;
  FILE *status = fopen("/proc/self/status", "r");

  while (status != NULL && fgets(line, sizeof line, status) != NULL)
    if (strncmp(line, "VmHWM:", 6) == 0)
      peak = strtol(line + 6, NULL, 10);
  if (status != NULL)
    fclose(status);
  return peak;
}

int main(int argc, char **argv)
{
  batch_auth_options_t options;
  batch_list_options_t list;
  batch_auth_t *auth = NULL;
  batch_jobs_t *jobs = NULL;
  const batch_job_t *job = NULL;
  batch_error_t *err = NULL;
  batch_status_t status;
  unsigned long count = 0;

  batch_auth_options_init(&options, sizeof options);
  options.authority_host = getenv("EMULATOR_ENTRA");
  options.ca_bundle_path = getenv("EMULATOR_CA");
  batch_list_options_init(&list, sizeof list);
  list.max_items = strtoul(argc > 1 ? argv[1] : "0", NULL, 10);

  status = batch_auth_new_client_secret(getenv("EMULATOR_TENANT"), getenv("EMULATOR_CLIENT_ID"),
                                        getenv("EMULATOR_CLIENT_SECRET"), &options, &auth, &err);
  if (status == BATCH_OK)
    status = batch_list_jobs(auth, getenv("EMULATOR_BATCH_CONTOSO"), &list, &jobs, &err);
  while (status == BATCH_OK && (status = batch_jobs_next(jobs, NULL, &job, &err)) == BATCH_OK)
    count += batch_job_id(job) != NULL;
  if (status != BATCH_DONE)
    fprintf(stderr, "%s\n", batch_error_message(err));
  batch_error_free(err);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
  printf("%lu %ld\n", count, peak_resident_kib());
  return status == BATCH_DONE ? EXIT_SUCCESS : EXIT_FAILURE;
}
