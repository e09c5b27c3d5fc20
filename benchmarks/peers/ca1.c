/*
 * The CA1 neuron of org.spikecast.neuron.Ca1Neuron in plain C: classical RK4 at a fixed step, one cell or many.
 *
 *     gcc -O3 -o ca1 ca1.c -lm                                                  one cell
 *     gcc -O3 -march=native -ffast-math -fopenmp-simd -o ca1-fast ca1.c -lm     many cells, vectorised, with libmvec
 *     ./ca1 CELLS DURATION_MS DT_MS REPEATS
 *
 * Prints the milliseconds of each repeat, then their median, then V of the first and the last cell at the end with 17
 * digits. Cell j gets the current 0.5 + 0.3 j / CELLS; all start in the specification's initial state.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { V, H, N, B, Z, R, C, Q, CA, VARIABLES };

static const double INITIAL[VARIABLES] = {-71.962, 0.979199,  0.0242166, 0.207565, 0.0013689,
                                          0.005507, 0.002486, 0,         0.000787};

#define S(x, th, s) (1 / (1 + exp(-((x) - (th)) / (s))))

/* One cell, or one lane of a vectorised loop. */
static inline __attribute__((always_inline)) void
derivative(double current, double v, double h, double n, double b, double z, double r, double c, double q, double ca,
           double *dv, double *dh, double *dn, double *db, double *dz, double *dr, double *dc, double *dq, double *dca) {
    double m = S(v, -30, 9.5), p = S(v, -47, 3), a = S(v, -50, 20);
    double iCa = 0.08 * r * r * (v - 120);
    *dv = current - 0.05 * (v + 70) - 35 * m * m * m * h * (v - 55) - 0.4 * p * (v - 55)
          - (6 * n * n * n * n + 1.4 * a * a * a * b + 0.5 * z + 10 * ca / (ca + 6) * c + 5 * q) * (v + 90) - iCa;
    *dh = 10 * (S(v, -45, -7) - h) / (1 + 7.5 * S(v, -40.5, -6));
    *dn = 10 * (S(v, -35, 10) - n) / (1 + 5 * S(v, -27, -15));
    *db = (S(v, -80, -6) - b) / 15;
    *dz = (S(v, -39, 5) - z) / 75;
    *dr = S(v, -20, 10) - r;
    *dc = (S(v, -30, 7) - c) / 2;
    double ca4 = ca * ca * ca * ca;
    *dq = (ca4 / (ca4 + 16) - q) / 450;
    *dca = -0.13 * iCa - ca / 13;
}

/* One cell: its nine variables in an array. */
static void one(double *restrict y, double current, long steps, double dt) {
    double k[4][VARIABLES], x[VARIABLES];
    for (long step = 0; step < steps; step++) {
        for (int stage = 0; stage < 4; stage++) {
            double f = stage == 0 ? 0 : stage == 3 ? dt : dt / 2;
            const double *last = k[stage == 0 ? 0 : stage - 1];
            for (int i = 0; i < VARIABLES; i++) x[i] = stage == 0 ? y[i] : y[i] + f * last[i];
            double *d = k[stage];
            derivative(current, x[V], x[H], x[N], x[B], x[Z], x[R], x[C], x[Q], x[CA], d + V, d + H, d + N, d + B,
                       d + Z, d + R, d + C, d + Q, d + CA);
        }
        for (int i = 0; i < VARIABLES; i++) y[i] += dt / 6 * (k[0][i] + 2 * k[1][i] + 2 * k[2][i] + k[3][i]);
    }
}

/* Many cells: variable by variable, the cells of each side by side. */
static void derivatives(int n, const double *restrict current, const double *restrict x, double *restrict d) {
#pragma omp simd
    for (int j = 0; j < n; j++) {
        derivative(current[j], x[V * n + j], x[H * n + j], x[N * n + j], x[B * n + j], x[Z * n + j], x[R * n + j],
                   x[C * n + j], x[Q * n + j], x[CA * n + j], d + V * n + j, d + H * n + j, d + N * n + j,
                   d + B * n + j, d + Z * n + j, d + R * n + j, d + C * n + j, d + Q * n + j, d + CA * n + j);
    }
}

static void many(int n, double *restrict y, const double *restrict current, long steps, double dt) {
    int size = VARIABLES * n;
    double *k[4], *x = malloc(size * sizeof(double));
    for (int s = 0; s < 4; s++) k[s] = malloc(size * sizeof(double));
    for (long step = 0; step < steps; step++) {
        derivatives(n, current, y, k[0]);
        for (int stage = 1; stage < 4; stage++) {
            double f = stage == 3 ? dt : dt / 2;
            const double *restrict last = k[stage - 1];
            for (int i = 0; i < size; i++) x[i] = y[i] + f * last[i];
            derivatives(n, current, x, k[stage]);
        }
        const double *restrict k0 = k[0], *restrict k1 = k[1], *restrict k2 = k[2], *restrict k3 = k[3];
        for (int i = 0; i < size; i++) y[i] += dt / 6 * (k0[i] + 2 * k1[i] + 2 * k2[i] + k3[i]);
    }
    for (int s = 0; s < 4; s++) free(k[s]);
    free(x);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 1;
    double duration = argc > 2 ? atof(argv[2]) : 1000, dt = argc > 3 ? atof(argv[3]) : 0.01;
    int repeats = argc > 4 ? atoi(argv[4]) : 11;
    if (n < 1 || !(duration > 0) || !(dt > 0) || repeats < 1) {
        fprintf(stderr, "usage: ca1 CELLS DURATION_MS DT_MS REPEATS, all positive\n");
        return 2;
    }
    long steps = lround(duration / dt);
    double *y = malloc(VARIABLES * n * sizeof(double)), *current = malloc(n * sizeof(double));
    double *times = malloc(repeats * sizeof(double));
    for (int repeat = 0; repeat < repeats; repeat++) {
        for (int j = 0; j < n; j++) {
            current[j] = 0.5 + 0.3 * j / n;
            for (int i = 0; i < VARIABLES; i++) y[i * n + j] = INITIAL[i];
        }
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        if (n == 1) one(y, current[0], steps, dt);
        else many(n, y, current, steps, dt);
        clock_gettime(CLOCK_MONOTONIC, &to);
        times[repeat] = 1e3 * (to.tv_sec - from.tv_sec) + 1e-6 * (to.tv_nsec - from.tv_nsec);
        printf("%.3f\n", times[repeat]);
    }
    qsort(times, repeats, sizeof(double), ascending);
    printf("median_ms %.3f\nV_first %.17g\nV_last %.17g\n", times[repeats / 2], y[0], y[n - 1]);
    return 0;
}
