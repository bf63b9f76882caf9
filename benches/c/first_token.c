/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A process that gets one token and ends; with an argument, one that only loads the library. Prints
 * the token's length, or the library's version.
 */
#include "bench.h"

int main(int argc, char **argv)
{
  batch_auth_t *auth;
  batch_token_t *token = NULL;
  batch_error_t *err = NULL;
  size_t length = 0;

  (void)argv;
  if (argc > 1) {
    printf("%s\n", batch_version());
    return 0;
  }
  auth = new_auth();
  expect(batch_get_token(auth, NULL, &token, &err), BATCH_OK, &err);
  batch_token_value(token, &length);
  printf("%zu\n", length);
  batch_token_free(token);
  batch_auth_free(auth);
  return 0;
}
