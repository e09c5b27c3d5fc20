/* Checks an LSTM against the stored vectors, in their flat text form. The LSTM is lstm.c: replace it by yours.

   cc -O2 -o check check.c lstm.c -lm && ./check ../flat/lstm/mpmath.txt ...       (exit code 1 if a case fails) */
#include "check.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 200 };
static struct { char name[64], text[4096]; double *data; long size; } item[MOST];
static int items, wrong;
static char id[256];
static const double bound = 1e-12; /* of the largest entry of each array, see ../README.md */

static int find(const char *name) {
  int k = 0;
  while (k < items && strcmp(item[k].name, name)) k++;
  return k;
}
double number(const char *name) { int k = find(name); return k < items && item[k].data ? item[k].data[0] : 0; }
const double *array(const char *name) { int k = find(name); return k < items ? item[k].data : NULL; }
int text_is(const char *name, const char *value) { int k = find(name); return k < items && !strcmp(item[k].text, value); }

void result(const char *name, const double *computed) {
  int k = find(name);
  double largest = 0, error = 0;
  for (long j = 0; k < items && j < item[k].size; j++) {
    largest = fmax(largest, fabs(item[k].data[j]));
    double e = fabs(computed[j] - item[k].data[j]);
    if (!(e <= error)) error = e; /* NaN stays */
  }
  error /= largest > 0 ? largest : 1;
  if (k < items && error <= bound) return;
  wrong = printf("%s: %s is off by %.0e of its largest entry\n", id, name, error);
}

int main(int files, char **file) {
  int cases = 0, failed = 0, rank;
  char word[16], kind[64];
  for (int n = 1; n < files; n++) {
    FILE *in = fopen(file[n], "r");
    if (!in || fscanf(in, "kind %63s", kind) != 1) { fprintf(stderr, "%s: no file of vectors\n", file[n]); return 2; }
    while (!strcmp(kind, "lstm") && fscanf(in, "%15s", word) == 1) {
      if (!strcmp(word, "case")) { fscanf(in, "%255s", id); items = wrong = 0; continue; }
      if (!strcmp(word, "end")) { lstm(); cases++; failed += wrong > 0; while (items) free(item[--items].data); continue; }
      int k = items++; /* one more item: "number NAME VALUE", "text NAME WORDS", "array NAME RANK SIZES VALUES" */
      item[k].size = 1, item[k].data = NULL, item[k].text[0] = 0;
      if (k == MOST - 1 || fscanf(in, "%63s", item[k].name) != 1) return 2;
      if (!strcmp(word, "text")) { fscanf(in, " %4095[^\n]", item[k].text); continue; }
      if (!strcmp(word, "array") && fscanf(in, "%d", &rank) == 1)
        for (long size; rank-- && fscanf(in, "%ld", &size) == 1;) item[k].size *= size;
      item[k].data = malloc(item[k].size * sizeof(double) + 1);
      for (long j = 0; j < item[k].size; j++) if (fscanf(in, "%lf", &item[k].data[j]) != 1) return 2;
    }
    fclose(in);
  }
  printf(failed ? "%d cases, %d failed\n" : "%d cases, all within 1e-12\n", cases, failed);
  return failed ? 1 : 0;
}
