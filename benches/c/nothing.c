/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A process that does nothing: what starting and ending one costs here.
 */
int main(void)
{
  return 0;
}
