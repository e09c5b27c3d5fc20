/*
 * The ring network in plain C: the same algorithms and random numbers as org.spikecast.neuron, and so the same spikes.
 *
 *     gcc -std=c11 -O3 -march=native -ffp-contract=off -o ring ring.c -lm
 *     ./ring clock|clock-per-neuron|event N T_ms seed [repeats]
 *
 * clock             steps of 0.05 ms; one Poisson number of events per step, each given to a neuron     (RingNetwork)
 * clock-per-neuron  the same with a Poisson number per neuron and step                                  (no peer)
 * event             from event to event, delay 0.05 ms                                                  (EventDrivenRing)
 *
 * Preset "irregular" for N neurons. Prints per repeat: milliseconds, spikes, and a hash of all (step or time, neuron).
 * -ffp-contract=off keeps the compiler from fusing what Java does not fuse; where Java does, fma stands here.
 */
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- exp and log: those of org.spikecast.kernel.Elementary, for normal results and arguments ---- */

static const double LN2_HIGH = 0x1.62e42fefa39efp-1, LN2_LOW = 0x1.abc9e3b39803fp-56;

static double polynomial(double x, const double c[11]) {
    double x2 = x * x, x4 = x2 * x2;
    double c01 = fma(c[1], x, c[0]), c23 = fma(c[3], x, c[2]), c45 = fma(c[5], x, c[4]);
    double c67 = fma(c[7], x, c[6]), c89 = fma(c[9], x, c[8]);
    double top = fma(c[10], x2, c89), low = fma(c23, x2, c01), high = fma(c67, x2, c45);
    return fma(fma(top, x4, high), x4, low);
}

static double exponential(double x) {
    static const double c[11] = {1.0 / 2, 1.0 / 6, 0.041666666666666685, 0.008333333333327758, 0.0013888888888871687,
        0.00019841269874110433, 2.4801587353596412e-05, 2.7557254104097062e-06, 2.7557247356297245e-07,
        2.51061110561254e-08, 2.0923298140498723e-09};
    double shifted = fma(x, 0x1.71547652b82fep0, 0x1.8p52), k = shifted - 0x1.8p52;
    double high = fma(k, -LN2_HIGH, x), r = fma(k, -LN2_LOW, high), lost = fma(k, -LN2_LOW, high - r);
    return (1 + (r + fma(r * r, polynomial(r, c), lost))) * double_of((bits_of(shifted) + 1023) << 52);
}

static double logarithm(double x) {
    static const double c[11] = {2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19,
        2.0 / 21, 2.0 / 23};
    uint64_t bits = bits_of(x), exponent = (bits + (bits_of(1) - bits_of(0x1.6a09e667f3bcdp-1))) >> 52;
    double k = double_of(exponent | bits_of(0x1p52)) - (0x1p52 + 1023);
    double f = double_of(bits - ((exponent - 1023) << 52)) - 1, s = f / (2 + f), z = s * s;
    double series = z * polynomial(z, c), half_square = 0.5 * f * f;
    return fma(k, LN2_HIGH, f - (half_square - fma(s, half_square + series, k * LN2_LOW)));
}

/* ---- Random numbers: those of org.spikecast.kernel.RandomStream ---- */

typedef struct {
    uint64_t s0, s1, s2, s3;
} Stream;

static const uint64_t GOLDEN_GAMMA = 0x9e3779b97f4a7c15;

static uint64_t split_mix(uint64_t v) {
    uint64_t z = v + GOLDEN_GAMMA;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static Stream stream_of(uint64_t seed, const char *purpose) {
    uint64_t hash = 0xcbf29ce484222325;
    for (; *purpose; purpose++) {
        hash = (hash ^ (unsigned char)*purpose) * 0x100000001b3;
    }
    uint64_t start = split_mix(split_mix(split_mix(seed) ^ hash) ^ 0);
    return (Stream){split_mix(start), split_mix(start + GOLDEN_GAMMA), split_mix(start + 2 * GOLDEN_GAMMA),
        split_mix(start + 3 * GOLDEN_GAMMA)};
}

static uint64_t rotate(uint64_t x, int k) {
    return x << k | x >> (64 - k);
}

static inline uint64_t next_bits(Stream *s) {
    uint64_t result = rotate(s->s0 + s->s3, 23) + s->s0, t = s->s1 << 17;
    s->s2 ^= s->s0;
    s->s3 ^= s->s1;
    s->s1 ^= s->s2;
    s->s0 ^= s->s3;
    s->s2 ^= t;
    s->s3 = rotate(s->s3, 45);
    return result;
}

static inline double next_double(Stream *s) {
    return (double)(next_bits(s) >> 11) * 0x1p-53;
}

static inline int next_int(Stream *s, uint32_t bound) {
    uint64_t product = (next_bits(s) >> 32) * bound;
    if ((uint32_t)product < bound) {
        uint32_t excess = (uint32_t)(0x100000000 % bound);
        while ((uint32_t)product < excess) {
            product = (next_bits(s) >> 32) * bound;
        }
    }
    return (int)(product >> 32);
}

/* Cumulative probabilities of a Poisson distribution of mean 16 at most, as far as they were needed. */
typedef struct {
    double mean, probability, cumulative[100];
    int known;
} PoissonTable;

static PoissonTable poisson_table(double mean) {
    double probability = exponential(-mean);
    return (PoissonTable){mean, probability, {probability}, 1};
}

static inline int next_poisson(Stream *s, PoissonTable *table) {
    double u = next_double(s);
    int n = 0;
    while (u >= table->cumulative[n]) {
        n++;
        if (n == table->known) {
            table->probability *= table->mean / n;
            double next = table->cumulative[n - 1] + table->probability;
            table->cumulative[n] = next == table->cumulative[n - 1] ? 1 : next;
            table->known++;
        }
    }
    return n;
}

static double width[257], height[257];

static void make_ziggurat(void) {
    const double r = 7.69711747013104972;
    double area = (r + 1) * exponential(-r);
    width[0] = r + 1;
    width[1] = r;
    for (int i = 1; i < 255; i++) {
        width[i + 1] = -logarithm(area / width[i] + exponential(-width[i]));
    }
    width[256] = 0;
    for (int i = 0; i < 257; i++) {
        height[i] = exponential(-width[i]);
    }
}

static double more_exponential(Stream *s, int layer, double x) {
    double beyond = 0;
    for (;;) {
        if (layer == 0) {
            beyond += width[1];
        } else if (height[layer] + next_double(s) * (height[layer + 1] - height[layer]) < exponential(-x)) {
            return beyond + x;
        }
        uint64_t bits = next_bits(s);
        layer = bits & 0xff;
        x = (double)(bits >> 11) * 0x1p-53 * width[layer];
        if (x < width[layer + 1]) {
            return beyond + x;
        }
    }
}

static inline double next_exponential(Stream *s) {
    uint64_t bits = next_bits(s);
    int layer = bits & 0xff;
    double x = (double)(bits >> 11) * 0x1p-53 * width[layer];
    return x < width[layer + 1] ? x : more_exponential(s, layer, x);
}

/* ---- The network: preset "irregular" ---- */

static const double TAU_L = 20, TAU_REF = 1, RATE = 0.65, KICK_E = 0.07, KICK_I = 0.06;
static int n, n_e, half;
static double s_ee, s_ei, s_ie, s_ii;

static void make_network(int neurons) {
    n = neurons;
    n_e = n / 2;
    half = n < 6 ? 0 : n < 40 ? 1 : n / 20 > 15 ? 15 : n / 20;
    double scale = (2.0 * 15 + 1) / (2.0 * half + 1);
    s_ee = scale * 0.016;
    s_ei = scale * 0.013;
    s_ie = scale * 0.018;
    s_ii = scale * 0.010;
}

static inline void add(double weight, double *sums, int from, int to) {
    for (int a = from; a < to; a++) {
        sums[a] += weight;
    }
}

/* The positions that spikes of neuron b reach. */
typedef struct {
    int from, to, from2, to2;
} Reach;

static Reach reach(int b) {
    int position = b < n_e ? b : b - n_e, from = position - half, to = position + half + 1;
    if (from < 0) {
        return (Reach){0, to, from + n_e, n_e};
    }
    if (to > n_e) {
        return (Reach){0, to - n_e, from, n_e};
    }
    return (Reach){from, to, to, to};
}

/* Adds what a spike of b brings, times a factor. */
static void add_column(int b, double factor, double *sums) {
    double own = sums[b], to_e = factor * (b < n_e ? s_ee : -s_ei), to_i = factor * (b < n_e ? s_ie : -s_ii);
    Reach r = reach(b);
    add(to_e, sums, r.from, r.to);
    add(to_e, sums, r.from2, r.to2);
    add(to_i, sums, n_e + r.from, n_e + r.to);
    add(to_i, sums, n_e + r.from2, n_e + r.to2);
    sums[b] = own;
}

typedef struct {
    long spikes;
    uint64_t hash;
} Result;

static void *array(size_t elements, size_t size) {
    void *result = calloc(elements, size);
    if (!result) {
        fprintf(stderr, "no memory\n");
        exit(3);
    }
    return result;
}

static double *external_kicks(void) {
    double *kicks = array(n, sizeof *kicks);
    for (int a = 0; a < n; a++) {
        kicks[a] = a < n_e ? KICK_E : KICK_I;
    }
    return kicks;
}

/* ---- From step to step ---- */

static int compare(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static Result clock_driven(double duration, uint64_t seed, int per_neuron) {
    const double dt = 0.05, leak = dt / TAU_L;
    const int steps = (int)rint(duration / dt), n_ref = (int)rint(TAU_REF / dt);
    double *voltage = array(n, sizeof *voltage), *kick = array(n, sizeof *kick), *external_kick = external_kicks();
    int *resume = array(n, sizeof *resume), *spiking = array(n, sizeof *spiking), *events = array(n, sizeof *events);
    int *held = array(n, sizeof *held), *lifted = array(n, sizeof *lifted), room = n;
    Stream initial = stream_of(seed, "initial state"), external = stream_of(seed, "external input");
    for (int a = 0; a < n; a++) {
        voltage[a] = next_double(&initial);
    }
    double mean = RATE * dt;
    int parts = (int)ceil(n * mean / 16), count = 0, first_held = 0, held_count = 0;
    PoissonTable table = poisson_table(per_neuron ? mean : n * mean / parts);
    Result result = {0, 0};
    for (int k = 0; k < steps; k++) {
        /* Kicks: external ones, then spikes of the step before. */
        memset(events, 0, n * sizeof *events);
        memset(kick, 0, n * sizeof *kick);
        int own = 0;
        for (int part = 0; part < parts && !per_neuron; part++) {
            own += next_poisson(&external, &table);
        }
        int need = (per_neuron ? n : own) + count * 2 * (2 * half + 1);
        if (need > room) {
            room = 2 * need;
            free(lifted);
            lifted = array(room, sizeof *lifted);
        }
        int end = own;
        if (per_neuron) {
            for (int a = 0; a < n; a++) {
                int drawn = next_poisson(&external, &table);
                events[a] = drawn;
                kick[a] = external_kick[a] * drawn;
                if (drawn) {
                    lifted[end++] = a;
                }
            }
        } else {
            for (int e = 0; e < own; e++) {
                lifted[e] = next_int(&external, n);
            }
            for (int e = 0; e < own; e++) {
                events[lifted[e]]++;
                kick[lifted[e]] += external_kick[lifted[e]];
            }
        }
        for (int s = 0; s < count; s++) {
            add_column(spiking[s], 1, kick);
            if (spiking[s] < n_e) {
                Reach r = reach(spiking[s]);
                for (int position = r.from; position < r.to; position++) {
                    lifted[end++] = position;
                    lifted[end++] = n_e + position;
                }
                for (int position = r.from2; position < r.to2; position++) {
                    lifted[end++] = position;
                    lifted[end++] = n_e + position;
                }
            }
        }
        /* All neurons without branches, as the compiler vectorises that; then refractory ones are put back to 0. */
        for (int a = 0; a < n; a++) {
            voltage[a] += kick[a] - leak * voltage[a];
        }
        while (held_count > 0 && resume[held[first_held]] <= k) {
            first_held = first_held + 1 < n ? first_held + 1 : 0;
            held_count--;
        }
        for (int h = 0, at = first_held; h < held_count; h++, at = at + 1 < n ? at + 1 : 0) {
            voltage[held[at]] = 0;
        }
        /* Only who was kicked up can have reached the threshold. */
        count = 0;
        for (int c = 0; c < end; c++) {
            int a = lifted[c];
            if (voltage[a] >= 1) {
                voltage[a] = 0;
                resume[a] = k + n_ref;
                int place = first_held + held_count++;
                held[place < n ? place : place - n] = a;
                spiking[count++] = a;
            }
        }
        if (count > 1) {
            qsort(spiking, count, sizeof *spiking, compare);
        }
        result.spikes += count;
        for (int s = 0; s < count; s++) {
            result.hash = 31 * (31 * result.hash + k) + spiking[s];
        }
    }
    free(voltage);
    free(kick);
    free(external_kick);
    free(resume);
    free(spiking);
    free(events);
    free(held);
    free(lifted);
    return result;
}

/* ---- From event to event ---- */

enum { REFERENCES_PER_TAU = 16 };

static double *spike_time;
static int *spike_neuron;
static long spikes, room;

/* Among simultaneous spikes each is put in its place. */
static void spike(double *scaled, int a, double t) {
    if (spikes == room) {
        room *= 2;
        spike_time = realloc(spike_time, room * sizeof *spike_time);
        spike_neuron = realloc(spike_neuron, room * sizeof *spike_neuron);
        if (!spike_time || !spike_neuron) {
            exit(3);
        }
    }
    long place = spikes;
    for (; place > 0 && spike_time[place - 1] == t && spike_neuron[place - 1] > a; place--) {
        spike_neuron[place] = spike_neuron[place - 1];
    }
    spike_neuron[place] = a;
    spike_time[spikes++] = t;
    scaled[a] = -INFINITY;
}

static inline void look(double *scaled, int from, int to, double t, double g) {
    for (int a = from; a < to; a++) {
        if (scaled[a] >= g) {
            spike(scaled, a, t);
        }
    }
}

/* exp for 0 .. 1/16 */
static inline double short_exp(double x) {
    double x2 = x * x, low = fma(x2, 0.5, x + 1), high = fma(x, 1.0 / 40320, 1.0 / 5040);
    double middle = fma(x2, fma(x, 1.0 / 720, 1.0 / 120), fma(x, 1.0 / 24, 1.0 / 6));
    return fma(x2 * x, fma(x2 * x2, high, middle), low);
}

static Result event_driven(double duration, uint64_t seed) {
    const double delay = 0.05, interval = TAU_L / REFERENCES_PER_TAU, per_tau = 1 / TAU_L;
    const double decay = exponential(-1.0 / REFERENCES_PER_TAU), mean_wait = 1 / (RATE * n);
    /* Events of an interval: twice the mean, and 100, are some 20 standard deviations more than the mean at least. */
    const int most = (int)(2 * RATE * n * interval) + 100;
    double *scaled = array(n, sizeof *scaled), *kick = external_kicks();
    double *time = array(most, sizeof *time), *growth = array(most, sizeof *growth);
    int *neuron = array(most, sizeof *neuron);
    Stream initial = stream_of(seed, "initial state"), external = stream_of(seed, "external input");
    for (int a = 0; a < n; a++) {
        scaled[a] = next_double(&initial);
    }
    room = 1024;
    spike_time = array(room, sizeof *spike_time);
    spike_neuron = array(room, sizeof *spike_neuron);
    spikes = 0;
    long arrived = 0, released = 0;
    double reference = 0;
    for (long k = 1; reference < duration; k++) {
        double next_reference = k * interval, end = next_reference < duration ? next_reference : duration;
        int events = 0, next = 0;
        double wait_end = reference + next_exponential(&external) * mean_wait;
        while (wait_end < next_reference && events < most - 1) {
            time[events] = wait_end;
            neuron[events++] = next_int(&external, n);
            wait_end += next_exponential(&external) * mean_wait;
        }
        for (int i = 0; i < events; i++) {
            growth[i] = short_exp((time[i] - reference) * per_tau);
        }
        time[events] = INFINITY;
        for (;;) {
            double arrival = arrived < spikes ? spike_time[arrived] + delay : INFINITY;
            double release = released < spikes ? spike_time[released] + TAU_REF : INFINITY;
            double due = arrival < release ? arrival : release;
            due = due < end ? due : end;
            int spiked = 0;
            while (!spiked && time[next] < due) {
                int a = neuron[next];
                double g = growth[next];
                scaled[a] += kick[a] * g;
                if (scaled[a] >= g) {
                    spike(scaled, a, time[next]);
                    spiked = 1;
                }
                next++;
            }
            if (spiked) {
                continue; /* the new spike may be the next to arrive */
            }
            if (due == end) {
                break;
            }
            if (due == release) {
                scaled[spike_neuron[released++]] = 0;
            } else {
                double g = short_exp((due - reference) * per_tau);
                long first_spike = arrived;
                int first_event = next;
                while (arrived < spikes && spike_time[arrived] + delay == due) {
                    add_column(spike_neuron[arrived++], g, scaled);
                }
                for (; time[next] == due; next++) {
                    scaled[neuron[next]] += kick[neuron[next]] * g;
                }
                for (long s = first_spike, last = arrived; s < last; s++) {
                    if (spike_neuron[s] < n_e) {
                        Reach r = reach(spike_neuron[s]);
                        for (int first = 0; first < n; first += n_e) {
                            look(scaled, first + r.from, first + r.to, due, g);
                            look(scaled, first + r.from2, first + r.to2, due, g);
                        }
                    }
                }
                for (int i = first_event; i < next; i++) {
                    look(scaled, neuron[i], neuron[i] + 1, due, g);
                }
            }
        }
        for (int a = 0; a < n; a++) {
            scaled[a] *= decay;
        }
        reference = next_reference;
    }
    Result result = {spikes, 0};
    for (long s = 0; s < spikes; s++) {
        result.hash = 31 * (31 * result.hash + bits_of(spike_time[s])) + spike_neuron[s];
    }
    free(scaled);
    free(kick);
    free(time);
    free(growth);
    free(neuron);
    free(spike_time);
    free(spike_neuron);
    return result;
}

static double milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

int main(int argc, char **argv) {
    const char *const modes[] = {"clock", "clock-per-neuron", "event"};
    int mode = 0;
    while (argc >= 5 && mode < 3 && strcmp(argv[1], modes[mode])) {
        mode++;
    }
    int neurons = argc >= 5 ? atoi(argv[2]) : 0;
    if (argc < 5 || argc > 6 || mode == 3 || neurons < 2 || neurons % 2) {
        fprintf(stderr, "usage: ring clock|clock-per-neuron|event N T_ms seed [repeats]      (N even)\n");
        return 2;
    }
    double duration = atof(argv[3]);
    uint64_t seed = strtoull(argv[4], NULL, 10);
    make_network(neurons);
    make_ziggurat();
    for (int repeats = argc == 6 ? atoi(argv[5]) : 1; repeats > 0; repeats--) {
        double start = milliseconds();
        Result result = mode == 2 ? event_driven(duration, seed) : clock_driven(duration, seed, mode);
        printf("%.3f ms %ld spikes %016llx\n", milliseconds() - start, result.spikes, (unsigned long long)result.hash);
    }
    return 0;
}
