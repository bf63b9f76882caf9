/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Starts a program, waits for it, and prints behind what it printed: milliseconds from before its
 * start to after its end, its peak of resident memory in KiB, and its exit status.
 *
 *   launch PROGRAM ARGUMENTS...
 *
 * It is small on purpose. The kernel counts towards a program's peak what its starter held, and the
 * harness holds more than the programs it measures.
 */
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double milliseconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
  struct rusage used;
  double started, ended;
  pid_t child;
  int status, failure;

  if (argc < 2) {
    fprintf(stderr, "usage: %s PROGRAM ARGUMENTS...\n", argv[0]);
    return 2;
  }
  started = milliseconds();
  failure = posix_spawn(&child, argv[1], NULL, NULL, argv + 1, environ);
  if (failure != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(failure));
    return 1;
  }
  if (wait4(child, &status, 0, &used) != child)
    return 1;
  ended = milliseconds();
  printf("%.3f %ld %d\n", ended - started, used.ru_maxrss,
         WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}
