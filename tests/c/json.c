/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Is a text JSON (RFC 8259)? A reader that keeps nothing, so that the tests need no library to
 * judge what the one under test hands out.
 */
#include "harness.h"

#include <string.h>

typedef struct text {
  const char *at;
  const char *end;
} text_t;

static int value(text_t *text, int depth);

static void blanks(text_t *text)
{
  while (text->at < text->end && *text->at != '\0' && strchr(" \t\r\n", *text->at) != NULL)
    text->at++;
}

static int take(text_t *text, char wanted)
{
  if (text->at == text->end || *text->at != wanted)
    return 0;
  text->at++;
  return 1;
}

static int word(text_t *text, const char *wanted)
{
  size_t length = strlen(wanted);

  if ((size_t)(text->end - text->at) < length || memcmp(text->at, wanted, length) != 0)
    return 0;
  text->at += length;
  return 1;
}

static int escape(text_t *text)
{
  int digits;

  if (take(text, 'u')) {
    for (digits = 0; digits < 4; digits++, text->at++)
      if (text->at == text->end || *text->at == '\0' ||
          strchr("0123456789abcdefABCDEF", *text->at) == NULL)
        return 0;
    return 1;
  }
  if (text->at == text->end || *text->at == '\0' || strchr("\"\\/bfnrt", *text->at) == NULL)
    return 0;
  text->at++;
  return 1;
}

static int string(text_t *text)
{
  if (!take(text, '"'))
    return 0;
  while (text->at < text->end && *text->at != '"') {
    if ((unsigned char)*text->at < ' ')
      return 0;
    if (*text->at++ == '\\' && !escape(text))
      return 0;
  }
  return take(text, '"');
}

static int digits(text_t *text)
{
  const char *start = text->at;

  while (text->at < text->end && *text->at >= '0' && *text->at <= '9')
    text->at++;
  return text->at > start;
}

static int number(text_t *text)
{
  (void)take(text, '-');
  if (!take(text, '0') && !digits(text))
    return 0;
  if (take(text, '.') && !digits(text))
    return 0;
  if (take(text, 'e') || take(text, 'E')) {
    if (!take(text, '+'))
      (void)take(text, '-');
    return digits(text);
  }
  return 1;
}

/* An object or an array, behind its bracket. */
static int members(text_t *text, char end, int depth)
{
  blanks(text);
  if (take(text, end))
    return 1;
  do {
    blanks(text);
    if (end == '}') {
      if (!string(text))
        return 0;
      blanks(text);
      if (!take(text, ':'))
        return 0;
    }
    if (!value(text, depth))
      return 0;
    blanks(text);
  } while (take(text, ','));
  return take(text, end);
}

static int value(text_t *text, int depth)
{
  if (depth > 100)
    return 0;
  blanks(text);
  if (take(text, '{'))
    return members(text, '}', depth + 1);
  if (take(text, '['))
    return members(text, ']', depth + 1);
  if (text->at < text->end && *text->at == '"')
    return string(text);
  return word(text, "true") || word(text, "false") || word(text, "null") || number(text);
}

int json_is_valid(const char *json, size_t length)
{
  text_t text;

  text.at = json;
  text.end = json + length;
  if (!value(&text, 0))
    return 0;
  blanks(&text);
  return text.at == text.end;
}
