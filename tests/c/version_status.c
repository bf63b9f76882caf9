/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Versions, features and the names of statuses: what a program asks before it does anything else.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

TEST(version_is_that_of_the_header)
{
  char *version =
      text_of("%d.%d.%d", BATCH_AUTH_VERSION_MAJOR, BATCH_AUTH_VERSION_MINOR, BATCH_AUTH_VERSION_PATCH);

  CHECK_STR(batch_version(), version);
  free(version);
}

TEST(abi_version_is_major_and_minor)
{
  uint32_t expected = (uint32_t)BATCH_AUTH_VERSION_MAJOR << 16 | (uint32_t)BATCH_AUTH_VERSION_MINOR;

  CHECK_INT(batch_abi_version(), expected);
}

TEST(features_of_this_version_are_there)
{
  CHECK_INT(batch_has_feature("client_secret"), 1);
  CHECK_INT(batch_has_feature("static_token"), 1);
  CHECK_INT(batch_has_feature("list_jobs"), 1);
}

TEST(unknown_features_are_not_there)
{
  CHECK_INT(batch_has_feature(NULL), 0);
  CHECK_INT(batch_has_feature(""), 0);
  CHECK_INT(batch_has_feature("client_secre"), 0);
  CHECK_INT(batch_has_feature("client_secret2"), 0);
  CHECK_INT(batch_has_feature("CLIENT_SECRET"), 0);
  CHECK_INT(batch_has_feature("list_jobs\xff"), 0);
}

#define NAMED(status) CHECK_STR(batch_status_name(status), #status)

TEST(every_status_has_its_name)
{
  NAMED(BATCH_OK);
  NAMED(BATCH_DONE);
  NAMED(BATCH_PENDING);
  NAMED(BATCH_E_INVALID_ARGUMENT);
  NAMED(BATCH_E_INVALID_UTF8);
  NAMED(BATCH_E_BUFFER_TOO_SMALL);
  NAMED(BATCH_E_WOULD_DEADLOCK);
  NAMED(BATCH_E_UNSUPPORTED);
  NAMED(BATCH_E_BUSY);
  NAMED(BATCH_E_CREDENTIAL_UNAVAILABLE);
  NAMED(BATCH_E_AUTHENTICATION_FAILED);
  NAMED(BATCH_E_INTERACTION_REQUIRED);
  NAMED(BATCH_E_NETWORK);
  NAMED(BATCH_E_TLS);
  NAMED(BATCH_E_TIMEOUT);
  NAMED(BATCH_E_THROTTLED);
  NAMED(BATCH_E_UNAUTHORIZED);
  NAMED(BATCH_E_FORBIDDEN);
  NAMED(BATCH_E_NOT_FOUND);
  NAMED(BATCH_E_SERVICE);
  NAMED(BATCH_E_PROTOCOL);
  NAMED(BATCH_E_CANCELLED);
  NAMED(BATCH_E_SHUTDOWN);
  NAMED(BATCH_E_FORKED);
  NAMED(BATCH_E_OUT_OF_MEMORY);
  NAMED(BATCH_E_IO);
  NAMED(BATCH_E_INTERNAL);
  NAMED(BATCH_E_PANIC);
}

TEST(unknown_statuses_share_one_name)
{
  static const batch_status_t unknown[] = { -1, 3, 99, 106, 405, 506, 598, 600, INT32_MIN, INT32_MAX };
  size_t i;

  for (i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
    CHECK_STR(batch_status_name(unknown[i]), "BATCH_E_UNKNOWN");
}

/* Each once, so that a name never belongs to two numbers. */
TEST(no_two_statuses_share_a_number)
{
  batch_status_t status;
  int known = 0;

  for (status = 0; status < 1000; status++)
    known += strcmp(batch_status_name(status), "BATCH_E_UNKNOWN") != 0;
  CHECK_INT(known, 28);
}

HARNESS_MAIN(RUN(version_is_that_of_the_header), RUN(abi_version_is_major_and_minor),
             RUN(features_of_this_version_are_there), RUN(unknown_features_are_not_there),
             RUN(every_status_has_its_name), RUN(unknown_statuses_share_one_name),
             RUN(no_two_statuses_share_a_number))
