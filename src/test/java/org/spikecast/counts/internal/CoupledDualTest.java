package org.spikecast.counts.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spikecast.counts.Series;
import org.spikecast.kernel.RandomStream;
import org.spikecast.params.ParameterSet;
import org.spikecast.vectors.internal.Bound;

/**
 * The gradient of the form {@code coupled} beside derivatives in dual numbers, exact up to rounding: equations (1) to
 * (9) of {@link Coupled}, (1) to (5) of {@link LeakyTrace} and (1) to (3) of {@link Hats}, written once more, number
 * by number.
 */
class CoupledDualTest {
    private static final CoupledLoss LOSS = new CoupledLoss(0.05, 0.3, 0.2);

    /** v + d e, with e^2 = 0. */
    private record Dual(double v, double d) {
        static final Dual ZERO = of(0);
        static final Dual ONE = of(1);

        static Dual of(double v) {
            return new Dual(v, 0);
        }

        Dual plus(Dual o) {
            return new Dual(v + o.v, d + o.d);
        }

        Dual minus(Dual o) {
            return new Dual(v - o.v, d - o.d);
        }

        Dual times(Dual o) {
            return new Dual(v * o.v, v * o.d + d * o.v);
        }

        Dual times(double f) {
            return new Dual(v * f, d * f);
        }

        Dual plus(double c) {
            return new Dual(v + c, d);
        }

        Dual inverse() {
            return new Dual(1 / v, -d / (v * v));
        }

        Dual exp() {
            return new Dual(StrictMath.exp(v), StrictMath.exp(v) * d);
        }

        Dual tanh() {
            double y = StrictMath.tanh(v);
            return new Dual(y, (1 - y * y) * d);
        }

        Dual sigma() {
            return times(-1).exp().plus(1).inverse();
        }

        /** log(1 + e^x). */
        Dual softplus() {
            return new Dual(StrictMath.log1p(StrictMath.exp(v)), sigma().v * d);
        }

        Dual atLeast(double least) {
            return v > least ? this : of(least);
        }

        Dual atMost(double most) {
            return v < most ? this : of(most);
        }
    }

    /** A run of the network along one direction of its parameters. */
    private static final class Run {
        private final CoupledConfig config;
        private final Series series;
        private final boolean[] excites;
        private final Map<String, double[]> values = new HashMap<>();
        private final Map<String, double[]> direction = new HashMap<>();
        private Dual loss = Dual.ZERO;

        Run(CoupledConfig config, ParameterSet parameters, ParameterSet along, Series series) {
            this.config = config;
            this.series = series;
            excites = series.connections().excitatory();
            for (int b = 0; b < parameters.blocks().size(); b++) {
                String name = parameters.blocks().get(b).name();
                values.put(name, parameters.blocks().get(b).data());
                direction.put(name, along.blocks().get(b).data());
            }
        }

        private Dual p(String name, int index) {
            return new Dual(values.get(name)[index], direction.get(name)[index]);
        }

        /** W x, of a matrix W with a row per result. */
        private Dual[] product(String name, Dual[] x) {
            Dual[] y = new Dual[values.get(name).length / x.length];
            for (int i = 0; i < y.length; i++) {
                y[i] = Dual.ZERO;
                for (int j = 0; j < x.length; j++) {
                    y[i] = y[i].plus(p(name, i * x.length + j).times(x[j]));
                }
            }
            return y;
        }

        private static Dual[] sum(Dual[]... summands) {
            Dual[] y = summands[0].clone();
            for (int s = 1; s < summands.length; s++) {
                for (int i = 0; i < y.length; i++) {
                    y[i] = y[i].plus(summands[s][i]);
                }
            }
            return y;
        }

        private Dual[] vector(String name) {
            return Stream.iterate(0, i -> i + 1)
                    .limit(values.get(name).length)
                    .map(i -> p(name, i))
                    .toArray(Dual[]::new);
        }

        /** Sums over the neighbours of one kind from which a neuron receives. */
        private Dual received(int neuron, boolean excitatory, Dual[] x) {
            Dual sum = Dual.ZERO;
            Connections edges = series.connections();
            for (int e = 0; e < edges.source().length; e++) {
                if (edges.target()[e] == neuron && excites[edges.source()[e]] == excitatory) {
                    sum = sum.plus(x[edges.source()[e]]);
                }
            }
            return sum;
        }

        private void addLoss(Dual logit, double spikes, double weight) {
            Dual nll = logit.softplus().minus(logit.times(Math.min(1, spikes)));
            loss = loss.plus(nll.times(LOSS.scale() * weight));
        }

        Dual loss() {
            int n = series.neurons();
            Dual[] v = new Dual[n];
            Dual[] g = new Dual[n];
            double[] a = new double[n];
            Dual[][] h = new Dual[n][config.hidden()];
            Dual[][] c = new Dual[n][config.hidden()];
            for (int i = 0; i < n; i++) {
                v[i] = Dual.of(0.5);
                g[i] = Dual.ONE;
                Arrays.fill(h[i], Dual.ZERO);
                Arrays.fill(c[i], Dual.ZERO);
            }
            for (int t = 0; t < series.bins() - 1; t++) {
                Dual[] spikes = new Dual[n];
                for (int i = 0; i < n; i++) {
                    spikes[i] = Dual.of(series.values().get(t, i));
                }
                Dual[][] s = new Dual[n][];
                for (int i = 0; i < n; i++) {
                    double count = Math.min(1, spikes[i].v);
                    double x = series.external().get(t, i);
                    double e = received(i, true, spikes).v;
                    double inhibition = received(i, false, spikes).v;
                    int type = excites[i] ? 0 : 1;
                    Dual u = config.trace() ? trace(type, v, g, i, count, x, e, inhibition) : null;
                    if (!config.trace()) {
                        addLoss(Dual.ZERO, count, LOSS.trace()); // a constant: l is 0
                    }
                    a[i] = Math.max(LeakyTrace.ACTIVITY * a[i], count);
                    s[i] = features(count, x, e, inhibition, type, a[i], u, v[i], g[i]);
                    if (config.hidden() > 0) {
                        Dual[] y = lstm(s[i], h, c, i);
                        s[i] = Stream.of(s[i], y).flatMap(Stream::of).toArray(Dual[]::new);
                    }
                }
                stages(t, s, v);
            }
            return loss;
        }

        /** Returns u; advances v, g and the loss of l. */
        private Dual trace(int type, Dual[] v, Dual[] g, int i, double count, double x, double e, double inhibition) {
            Dual tau = p("trace.log_tau", type).exp();
            Dual delta = tau.inverse().times(-config.binMs()).exp();
            Dual f = p("trace.log_f", type).exp().times(x);
            Dual q = f.plus(p("trace.log_w_e", type).exp().times(e))
                    .minus(p("trace.log_w_i", type).exp().times(inhibition));
            Dual u = delta.times(v[i]).plus(g[i].times(q));
            Dual l = p("trace.log_k", type)
                    .exp()
                    .times(delta.times(v[i]).plus(g[i].times(f)).plus(-1))
                    .plus(p("trace.b_e", type).times(e))
                    .plus(p("trace.b_i", type).times(inhibition))
                    .plus(p("trace.b_0", type));
            addLoss(l, count, LOSS.trace());
            v[i] = count > 0 ? Dual.ZERO : u.atMost(config.cap());
            g[i] = count > 0 ? p("trace.logit_gamma", type).sigma() : Dual.ONE;
            return u;
        }

        private Dual[] features(
                double count, double x, double e, double inhibition, int type, double a, Dual u, Dual v, Dual g) {
            Stream<Dual> s = Stream.of(count, x - config.meanExternal(), e, inhibition, 1.0 - type, a)
                    .map(Dual::of);
            if (config.trace()) {
                s = Stream.concat(
                        s,
                        Stream.of(
                                v.plus(-0.85).times(10).atLeast(-4),
                                u.plus(-0.95).times(10).atMost(3).atLeast(-2),
                                u.plus(-1).atLeast(0).times(20),
                                g.plus(-1)));
            }
            if (config.fine()) {
                s = Stream.concat(
                        s,
                        Stream.iterate(0, j -> j + 1)
                                .limit(8)
                                .map(j -> v.plus(-0.72 - 0.04 * j).times(40).tanh()));
            }
            return s.toArray(Dual[]::new);
        }

        private Dual[] lstm(Dual[] x, Dual[][] h, Dual[][] c, int i) {
            Dual[] z = sum(
                    product("lstm.weight_ih_l0", x),
                    product("lstm.weight_hh_l0", h[i]),
                    vector("lstm.bias_ih_l0"),
                    vector("lstm.bias_hh_l0"));
            int units = config.hidden();
            Dual[] next = new Dual[units];
            for (int j = 0; j < units; j++) {
                Dual input = z[j].sigma().times(z[2 * units + j].tanh());
                c[i][j] = z[units + j].sigma().times(c[i][j]).plus(input);
                next[j] = z[3 * units + j].sigma().times(c[i][j].tanh());
            }
            h[i] = next;
            return sum(product("fc.weight", next), vector("fc.bias"));
        }

        private void stages(int t, Dual[][] s, Dual[] v) {
            int n = s.length;
            Dual[] z = new Dual[n];
            Dual[][] b = new Dual[n][];
            for (int k = 0; k < config.stages(); k++) {
                Dual[] lastZ = z.clone();
                Dual[][] lastB = b.clone();
                Dual[][] m = k == 0 ? null : messages(k, lastZ, lastB);
                for (int i = 0; i < n; i++) {
                    String name = "message." + k + ".";
                    int type = excites[i] ? 0 : 1;
                    Dual[] f = sum(product(name + "hidden.features", s[i]), vector(name + "hidden.bias"));
                    Dual[] q = null;
                    if (k > 0) {
                        q = received(i, m);
                        Dual[] r = Stream.of(q, both(q, type), lastB[i], new Dual[] {lastZ[i].times(0.3)})
                                .flatMap(Stream::of)
                                .toArray(Dual[]::new);
                        f = sum(f, product(name + "hidden.received", r));
                    }
                    b[i] = Stream.of(f).map(Dual::tanh).toArray(Dual[]::new);
                    z[i] = product(name + "readout.weight", b[i])[0].plus(
                            k == 0 ? p(name + "readout.bias", 0) : lastZ[i]);
                    if (config.fine()) {
                        z[i] = z[i].plus(hats(name + "hats", type, v[i], q));
                    }
                    boolean last = k == config.stages() - 1;
                    addLoss(z[i], series.values().get(t + 1, i), last ? 1 : LOSS.stages());
                }
            }
        }

        /** (4): per row of the message, of each neuron. */
        private Dual[][] messages(int k, Dual[] z, Dual[][] b) {
            Dual[][] m = new Dual[config.message()][z.length];
            for (int i = 0; i < z.length; i++) {
                m[0][i] = z[i].sigma().times(3);
                m[1][i] = z[i].softplus();
                String name = "message." + k + ".send.";
                Dual[] y = sum(product(name + "weight", b[i]), vector(name + "bias"));
                for (int j = 0; j < y.length; j++) {
                    m[2 + j][i] = y[j].tanh();
                }
            }
            return m;
        }

        /** (5): q_E and q_I. */
        private Dual[] received(int neuron, Dual[][] m) {
            int rows = m.length;
            Dual[] q = new Dual[2 * rows];
            for (int i = 0; i < rows; i++) {
                for (int kind = 0; kind < 2; kind++) {
                    Dual sum = received(neuron, kind == 0, m[i]);
                    q[kind * rows + i] = i == 1 ? Dual.ONE.minus(sum.times(-1).exp()) : sum;
                }
            }
            return q;
        }

        private static Dual[] both(Dual[] q, int type) {
            return Stream.of(q).map(x -> x.times(1 - type)).toArray(Dual[]::new);
        }

        private Dual hats(String name, int type, Dual v, Dual[] q) {
            Dual[] mu = {Dual.ONE};
            if (q != null) {
                int rows = config.message();
                Dual x = q[1];
                Dual more = q[0].times(1.0 / 3).minus(x);
                Dual y = q[rows + 1];
                Dual yMore = q[rows].times(1.0 / 3).minus(y);
                Dual ys = y.plus(yMore);
                mu = new Dual[] {
                    Dual.ONE, x, more, y, yMore, x.times(ys), more.times(ys), more.times(more), ys.times(ys)
                };
            }
            Dual clipped = v.atMost(1.059).atLeast(0.551);
            Dual sum = Dual.ZERO;
            for (int j = 0; j < 16; j++) {
                Dual from = clipped.plus(-0.55 - 0.034 * j);
                Dual phi = Dual.ONE
                        .minus(from.times(from.v < 0 ? -1 / 0.034 : 1 / 0.034))
                        .atLeast(0);
                for (int i = 0; i < mu.length; i++) {
                    sum = sum.plus(phi.times(p(name, (type * 16 + j) * mu.length + i))
                            .times(mu[i]));
                }
            }
            return sum;
        }
    }

    static Stream<CoupledConfig> configs() {
        return CoupledTest.configs();
    }

    /** The largest difference from a claimed gradient, along some random directions of a block, by the size of the summands. */
    private static double error(CoupledObjective objective, CoupledConfig config, ParameterSet claimed, int block) {
        RandomStream random = RandomStream.of(9, "directions", block);
        double[] g = claimed.blocks().get(block).data();
        double worst = 0;
        for (int k = 0; k < 3; k++) {
            ParameterSet direction = claimed.zerosLike();
            double[] along = direction.blocks().get(block).data();
            double sum = 0;
            double size = 0;
            for (int j = 0; j < g.length; j++) {
                along[j] = random.nextGaussian();
                sum += along[j] * g[j];
                size += Math.abs(along[j] * g[j]);
            }
            double exact = new Run(config, objective.parameters(), direction, CoupledTest.part()).loss().d;
            worst = Math.max(worst, exact == sum ? 0 : Math.abs(exact - sum) / size);
        }
        return worst;
    }

    @ParameterizedTest
    @MethodSource("configs")
    void theGradientIsTheDerivativeInDualNumbers(CoupledConfig config) {
        CoupledObjective objective = CoupledTest.objective(config);
        ParameterSet gradient = objective.parameters().zerosLike();
        objective.gradient(gradient);
        Run run = new Run(config, objective.parameters(), gradient.zerosLike(), CoupledTest.part());
        assertEquals(1, run.loss().v / objective.loss(), Bound.COUPLED.tolerance());
        for (int b = 0; b < gradient.blocks().size(); b++) {
            double error = error(objective, config, gradient, b);
            assertTrue(
                    error <= Bound.COUPLED_GRADIENTS.tolerance(),
                    gradient.blocks().get(b).name() + ": off by " + error);
        }
    }

    /** One entry of each block in turn is off by a thousand-millionth of the block's largest. */
    @Test
    void aSmallErrorOfOneEntryShows() {
        CoupledConfig config = configs().findFirst().orElseThrow();
        CoupledObjective objective = CoupledTest.objective(config);
        for (int b = 0; b < objective.parameters().blocks().size(); b++) {
            ParameterSet gradient = objective.parameters().zerosLike();
            objective.gradient(gradient);
            double[] g = gradient.blocks().get(b).data();
            double largest = Arrays.stream(g).map(Math::abs).max().orElseThrow();
            g[g.length / 2] += 1e-9 * largest;
            assertTrue(
                    largest == 0 || error(objective, config, gradient, b) > Bound.COUPLED_GRADIENTS.tolerance(),
                    gradient.blocks().get(b).name());
        }
    }
}
