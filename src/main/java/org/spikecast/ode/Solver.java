package org.spikecast.ode;

/**
 * The loop: steps of a method, one after another, until a time is reached. A value that is not finite stops it with an
 * ArithmeticException that names time and component.
 */
public final class Solver {
    /** The first adaptive step, as a fraction of the time to go: far too small, but it grows tenfold with every step. */
    private static final double FIRST_STEP = 1e-6;

    /** Steps of at most this many ulp of the time no longer advance it. */
    private static final int LEAST_ULPS = 16;

    /**
     * With fixed steps, the number of steps between two searches for values that are not finite, because a search takes
     * time.
     */
    private static final int CHECKED_STEPS = 16;

    /** Receives every step. */
    public interface Listener {
        /** Called after each step taken; the method's dense output covers that step. */
        void stepped(RungeKutta method);
    }

    /**
     * The cost of an adaptive run.
     *
     * @param accepted steps taken
     * @param rejected steps computed and not taken
     */
    public record Effort(long accepted, long rejected) {}

    private Solver() {}

    /**
     * Takes a number of equal steps.
     *
     * @param dt the step, above 0; step k ends at k dt after the start, without accumulated rounding
     * @throws ArithmeticException if a value becomes NaN or infinite
     */
    public static void fixed(RungeKutta method, double dt, long steps, Listener listener) {
        if (!(dt > 0 && dt < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("dt must be finite and above 0, got " + dt);
        }
        double start = method.time();
        for (long step = 1; step <= steps; step++) {
            method.attempt(dt);
            method.accept(start + step * dt);
            if (step % CHECKED_STEPS == 0 || step == steps) {
                int wrong = RungeKutta.notFinite(method.state());
                if (wrong >= 0) {
                    throw new ArithmeticException(method.equation().component(wrong) + " became "
                            + method.state()[wrong] + " by t = " + method.time() + ": take a smaller dt than " + dt);
                }
            }
            listener.stepped(method);
        }
    }

    /**
     * Takes steps whose size a control chooses, the last of which ends at the very end.
     *
     * @throws IllegalArgumentException if the method has no estimate of its error
     * @throws ArithmeticException if no step, however small, is good enough
     */
    public static Effort adaptive(RungeKutta method, StepControl control, double end, Listener listener) {
        int embeddedOrder = method.tableau().embeddedOrder();
        if (embeddedOrder == 0) {
            throw new IllegalArgumentException(method.tableau() + " has no estimate of its error: use fixed steps");
        }
        if (!Double.isFinite(end)) {
            throw new IllegalArgumentException("end must be finite, got " + end);
        }
        double h = FIRST_STEP * (end - method.time());
        double lastError = 0;
        boolean rejectedBefore = false;
        long accepted = 0;
        long rejected = 0;
        while (method.time() < end) {
            double t = method.time();
            boolean isLast = t + h >= end;
            double step = isLast ? end - t : h;
            method.attempt(step);
            double error = method.error(control.rtol(), control.atol());
            if (error <= 1) {
                method.accept(isLast ? end : t + step);
                h = step * control.afterAcceptance(error, lastError, rejectedBefore, embeddedOrder);
                lastError = error;
                rejectedBefore = false;
                accepted++;
                listener.stepped(method);
            } else {
                h = step * control.afterRejection(error, embeddedOrder);
                rejectedBefore = true;
                rejected++;
                if (h < LEAST_ULPS * Math.ulp(t)) {
                    throw new ArithmeticException(method.blame(control.rtol(), control.atol()) + " at t = " + t
                            + ", however small the step: loosen the tolerances or check the equation and its state");
                }
            }
        }
        return new Effort(accepted, rejected);
    }
}
