/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Lists the jobs of an account and touches the id and state of each.
 *
 *   list [MOST]
 *
 * Prints jobs, active jobs, bytes of ids, and the seconds and CPU seconds of listing, after the first
 * token.
 */
#include "bench.h"

#include <string.h>

int main(int argc, char **argv)
{
  batch_auth_t *auth = new_auth();
  batch_list_options_t options;
  batch_token_t *token = NULL;
  batch_jobs_t *jobs = NULL;
  const batch_job_t *job = NULL;
  batch_error_t *err = NULL;
  batch_status_t status;
  unsigned long count = 0, active = 0, bytes = 0;
  double wall, cpu;

  expect(batch_get_token(auth, NULL, &token, &err), BATCH_OK, &err);
  batch_token_free(token);

  wall = seconds(CLOCK_MONOTONIC);
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  batch_list_options_init(&options, sizeof options);
  options.max_items = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
  expect(batch_list_jobs(auth, required_env("EMULATOR_BATCH_CONTOSO"), &options, &jobs, &err), BATCH_OK,
         &err);
  while ((status = batch_jobs_next(jobs, NULL, &job, &err)) == BATCH_OK) {
    count++;
    active += batch_job_state(job) == BATCH_JOB_STATE_ACTIVE;
    bytes += strlen(batch_job_id(job));
  }
  expect(status, BATCH_DONE, &err);
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  wall = seconds(CLOCK_MONOTONIC) - wall;

  printf("%lu %lu %lu %.6f %.6f\n", count, active, bytes, wall, cpu);
  batch_jobs_free(jobs);
  batch_auth_free(auth);
  return 0;
}
