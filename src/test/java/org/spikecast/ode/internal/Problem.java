package org.spikecast.ode.internal;

import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.spikecast.ode.Equation;

/**
 * A problem whose solution has a closed form.
 *
 * @param name for messages
 * @param equation what is solved from t = 0 on
 * @param end how far
 * @param solution y(t)
 */
public record Problem(String name, Equation equation, double end, DoubleFunction<double[]> solution) {
    /** f, as a lambda. */
    public interface Derivative {
        void at(double t, double[] y, double[] dydt);
    }

    public static Equation equation(int dimension, Derivative f) {
        return new Equation() {
            @Override
            public int dimension() {
                return dimension;
            }

            @Override
            public void derivative(double t, double[] y, double[] dydt) {
                f.at(t, y, dydt);
            }
        };
    }

    private static Problem of(String name, int dimension, double end, Derivative f, DoubleFunction<double[]> solution) {
        return new Problem(name, equation(dimension, f), end, solution);
    }

    public static Problem oscillator() {
        return of(
                "harmonic oscillator",
                2,
                6,
                (t, y, d) -> {
                    d[0] = y[1];
                    d[1] = -y[0];
                },
                t -> new double[] {StrictMath.sin(t), StrictMath.cos(t)});
    }

    static Problem logistic() {
        return of("logistic growth", 1, 4, (t, y, d) -> d[0] = y[0] * (1 - y[0]), t ->
                new double[] {1 / (1 + 4 * StrictMath.exp(-t))});
    }

    /** Linear, logistic, oscillating, and two whose f depends on t. */
    public static Stream<Problem> all() {
        return Stream.of(
                of("linear decay", 1, 2, (t, y, d) -> d[0] = -1.3 * y[0], t ->
                        new double[] {2 * StrictMath.exp(-1.3 * t)}),
                oscillator(),
                logistic(),
                of("y' = -2 t y^2", 1, 2, (t, y, d) -> d[0] = -2 * t * y[0] * y[0], t ->
                        new double[] {1 / (1 + t * t)}),
                of("forced decay", 1, 3, (t, y, d) -> d[0] = 5 * (StrictMath.cos(t) - y[0]), t ->
                        new double[] {(25 * StrictMath.cos(t) + 5 * StrictMath.sin(t) + StrictMath.exp(-5 * t)) / 26}));
    }

    public double[] start() {
        return solution.apply(0);
    }

    public double largestError(double t, double[] y) {
        double[] exact = solution.apply(t);
        double error = 0;
        for (int i = 0; i < exact.length; i++) {
            error = Math.max(error, Math.abs(y[i] - exact[i]));
        }
        return error;
    }

    @Override
    public String toString() {
        return name;
    }
}
