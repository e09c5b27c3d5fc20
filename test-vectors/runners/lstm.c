/* An LSTM in C, forward and backward: the implementation that check.c checks. Replace it by yours. */
#include "check.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LAYERS = 8 };
static double sigma(double z) { return 1 / (1 + exp(-z)); }
static double *zeros(long n) { return calloc(n + 1, sizeof(double)); }

static const double *parameter(const char *kind, int layer) {
  char name[64];
  snprintf(name, sizeof name, layer < 0 ? "parameters/%s" : "parameters/lstm.%s_l%d", kind, layer);
  return array(name);
}
static void gradient(const char *kind, int layer, double *computed) {
  char name[64];
  snprintf(name, sizeof name, layer < 0 ? "gradients/%s" : "gradients/lstm.%s_l%d", kind, layer);
  result(name, computed);
  free(computed);
}

void lstm(void) {
  int B = number("batch"), T = number("steps"), I = number("inputs"), H = number("hidden"), L = number("layers");
  int O = number("outputs"), all = number("all_steps"), M = array("head_states") ? number("head_states") : 1;
  int poisson = text_is("loss_function", "poisson"), bernoulli = text_is("loss_function", "bernoulli");
  int K = all ? T : 1; /* steps with an output: the last K */
  const double *x = array("input"), *h0 = array("h0"), *c0 = array("c0"), *target = array("target");
  const double *wfc = parameter("fc.weight", -1), *bfc = parameter("fc.bias", -1);
  double *y = zeros((long)B * K * O), *hn = zeros((long)L * B * H), *cn = zeros((long)L * B * H), loss = 0;
  double *dwfc = zeros((long)O * M * H), *dbfc = zeros(O), *dx = zeros((long)B * T * I);
  double *dh0 = zeros((long)L * B * H), *dc0 = zeros((long)L * B * H);
  double *dw[MOST_LAYERS], *du[MOST_LAYERS], *db[MOST_LAYERS], *dbb[MOST_LAYERS];
  double *gate[MOST_LAYERS], *c[MOST_LAYERS], *h[MOST_LAYERS]; /* of one sequence; row t + 1 of c and h is step t */
  for (int l = 0; l < L; l++) {
    dw[l] = zeros(4L * H * (l ? H : I)), du[l] = zeros(4L * H * H), db[l] = zeros(4L * H), dbb[l] = zeros(4L * H);
    gate[l] = zeros(4L * H * T), c[l] = zeros((T + 1L) * H), h[l] = zeros((T + 1L) * H);
  }
  for (int b = 0; b < B; b++) {
    for (int l = 0; l < L; l++) { /* forward */
      const double *w = parameter("weight_ih", l), *u = parameter("weight_hh", l);
      const double *b1 = parameter("bias_ih", l), *b2 = parameter("bias_hh", l);
      int n = l ? H : I;
      for (int j = 0; j < H; j++) {
        h[l][j] = h0 ? h0[(l * B + b) * H + j] : 0;
        c[l][j] = c0 ? c0[(l * B + b) * H + j] : 0;
      }
      for (int t = 0; t < T; t++) {
        const double *in = l ? h[l - 1] + (t + 1) * H : x + (b * T + t) * I;
        double *a = gate[l] + 4L * t * H, *last = h[l] + t * H;
        for (int r = 0; r < 4 * H; r++) {
          double z = b1[r] + b2[r]; /* (1) */
          for (int k = 0; k < n; k++) z += w[r * n + k] * in[k];
          for (int k = 0; k < H; k++) z += u[r * H + k] * last[k];
          a[r] = r / H == 2 ? tanh(z) : sigma(z); /* (2), (3) */
        }
        for (int j = 0; j < H; j++) {
          double ct = a[H + j] * c[l][t * H + j] + a[j] * a[2 * H + j]; /* (4) */
          c[l][(t + 1) * H + j] = ct;
          h[l][(t + 1) * H + j] = a[3 * H + j] * tanh(ct); /* (5) */
        }
      }
      memcpy(hn + (l * B + b) * H, h[l] + T * H, H * sizeof(double));
      memcpy(cn + (l * B + b) * H, c[l] + T * H, H * sizeof(double));
    }
    double *above = zeros((T + 1L) * H), *down = zeros((T + 1L) * H); /* dh_t from the output or the layer above */
    for (int k = 0; k < K; k++) {
      int first = T - K + k + 2 - M; /* the head reads rows first to first + M - 1 of h, one below the other */
      for (int n = 0; n < O; n++) {
        const double *states = h[L - 1] + first * H, *w = wfc + (long)n * M * H;
        double yn = bfc[n], tn = target[(b * K + k) * O + n];
        for (int j = 0; j < M * H; j++) yn += w[j] * states[j]; /* (6) */
        y[(b * K + k) * O + n] = yn;
        loss += poisson ? exp(yn) - tn * yn : bernoulli ? fmax(yn, 0) - tn * yn + log1p(exp(-fabs(yn))) : (yn - tn) * (yn - tn);
        double dy = (poisson ? exp(yn) - tn : bernoulli ? sigma(yn) - tn : 2 * (yn - tn)) / (B * K * O);
        dbfc[n] += dy; /* (7) */
        for (int j = 0; j < M * H; j++) dwfc[(long)n * M * H + j] += dy * states[j], above[first * H + j] += w[j] * dy; /* (7), (8) */
      }
    }
    for (int l = L - 1; l >= 0; l--) { /* backward */
      const double *w = parameter("weight_ih", l), *u = parameter("weight_hh", l);
      int n = l ? H : I;
      double *dh = dh0 + (l * B + b) * H, *dc = dc0 + (l * B + b) * H, *dz = zeros(4L * H);
      for (int t = T - 1; t >= 0; t--) {
        const double *a = gate[l] + 4L * t * H, *in = l ? h[l - 1] + (t + 1) * H : x + (b * T + t) * I;
        double *din = l ? down + (t + 1) * H : dx + (b * T + t) * I;
        for (int j = 0; j < H; j++) {
          double i = a[j], f = a[H + j], g = a[2 * H + j], o = a[3 * H + j], tc = tanh(c[l][(t + 1) * H + j]);
          double d = dh[j] + above[(t + 1) * H + j]; /* (8) */
          dc[j] += d * o * (1 - tc * tc); /* (9) */
          dz[3 * H + j] = d * tc * o * (1 - o); /* (10) */
          dz[j] = dc[j] * g * i * (1 - i); /* (11) */
          dz[H + j] = dc[j] * c[l][t * H + j] * f * (1 - f); /* (12) */
          dz[2 * H + j] = dc[j] * i * (1 - g * g); /* (13) */
          dc[j] *= f; /* (9), for step t - 1 */
          dh[j] = 0;
        }
        for (int k = 0; k < n; k++) din[k] = 0;
        for (int r = 0; r < 4 * H; r++) {
          for (int k = 0; k < n; k++) dw[l][r * n + k] += dz[r] * in[k], din[k] += w[r * n + k] * dz[r]; /* (14), (15) */
          for (int k = 0; k < H; k++) du[l][r * H + k] += dz[r] * h[l][t * H + k], dh[k] += u[r * H + k] * dz[r]; /* (14), (8) */
          db[l][r] += dz[r], dbb[l][r] += dz[r]; /* (14) */
        }
      }
      free(dz);
      memcpy(above, down, (T + 1L) * H * sizeof(double));
    }
    free(above), free(down);
  }
  loss /= B * K * O;
  result("loss", &loss);
  result("output", y), result("hn", hn), result("cn", cn);
  for (int l = 0; l < L; l++) {
    gradient("weight_ih", l, dw[l]), gradient("weight_hh", l, du[l]);
    gradient("bias_ih", l, db[l]), gradient("bias_hh", l, dbb[l]);
    free(gate[l]), free(c[l]), free(h[l]);
  }
  gradient("fc.weight", -1, dwfc), gradient("fc.bias", -1, dbfc), gradient("input", -1, dx);
  gradient("h0", -1, dh0), gradient("c0", -1, dc0);
  free(y), free(hn), free(cn);
}
