package org.spikecast.vectors.internal;

import org.spikecast.check.GradientCheck;

/**
 * The tolerances of the stored vectors: how large an error may be, why, and how large it was when last measured (JDK
 * 17, x86-64; the bits are the same everywhere). Errors are relative to the largest entry of the array unless another
 * measure is named. Two independent float64 computations of the same LSTM differ by some 1e-15.
 */
public enum Bound {
    /** Outputs, final states and losses. */
    LSTM_FORWARD("lstm: forward", 1e-13, 1.41e-15, "rounding of some T H operations"),
    /** Parameters, input, h0 and c0, array by array. */
    LSTM_GRADIENTS("lstm: gradients", 1e-12, 4.23e-14, "rounding of some T H B operations"),
    /** The same gradients against the forward pass in dual numbers, entry by entry. */
    LSTM_DUAL("lstm: gradients against dual numbers", GradientCheck.EXACT_TOLERANCE, 5.97e-15, "rounding, as above"),
    /** Entries above 1e-6 of the largest one, relative to themselves. */
    LSTM_DUAL_ENTRY(
            "lstm: the same, entry by entry", GradientCheck.ENTRY_TOLERANCE, 1.82e-12, "cancellation within an entry"),
    /** Gradients where gates saturate, each entry above 1e-200 relative to itself. */
    LSTM_TAILS("lstm: saturated gates, entry by entry", 1e-9, 8.77e-13, "cancellation within an entry"),
    /** Finite differences of the forward pass: bits. */
    LSTM_DIFFERENCES("lstm: stored finite differences", 0, 0, "the same bits everywhere"),
    /** Gradients against stored finite differences at their best step. */
    LSTM_DIFFERENCE_GRADIENTS(
            "lstm: gradients against finite differences", 1e-8, 1.38e-09, "truncation and rounding of differences"),
    /** Losses alone, relative to themselves. */
    LOSS("loss: values", 1e-14, 2.45e-16, "a few operations, each rounded; terms that cancel in part"),
    /** Their gradients with respect to the outputs. */
    LOSS_GRADIENTS("loss: gradients", 1e-14, 3.07e-15, "exp(y) - t, which cancels to two digits in a case"),
    /** The same gradients in dual numbers. */
    LOSS_DUAL("loss: dual numbers", 1e-14, 3.07e-15, "the same"),
    /** Outputs, final states and losses of GRUs. */
    GRU_FORWARD("gru: forward", 1e-13, 1.52e-14, "rounding of some T H operations"),
    /** Parameters, input and h0, array by array. */
    GRU_GRADIENTS("gru: gradients", 1e-12, 3.56e-13, "rounding of some T H B operations"),
    /** The same gradients against the forward pass in dual numbers, entry by entry. */
    GRU_DUAL("gru: gradients against dual numbers", GradientCheck.EXACT_TOLERANCE, 1.05e-14, "rounding, as above"),
    /** Entries above 1e-6 of the largest one, relative to themselves. */
    GRU_DUAL_ENTRY(
            "gru: the same, entry by entry", GradientCheck.ENTRY_TOLERANCE, 1.57e-10, "cancellation within an entry"),
    /** Gradients where gates saturate, each entry above 1e-200 relative to itself. */
    GRU_TAILS("gru: saturated gates, entry by entry", 1e-9, 1.82e-10, "cancellation within an entry"),
    /** Parameters after each of about ten steps. */
    OPTIMISER("optimiser: parameters", 1e-12, 1.78e-15, "rounding of ten steps, in SOAP of bases too"),
    /** Losses of each update of whole training runs, relative. */
    TRAINING_LOSSES("training: losses", 1e-12, 5.35e-16, "rounding, grown over the updates"),
    /** Norms of the gradients of each update, relative. */
    TRAINING_NORMS("training: gradient norms", 1e-12, 5.82e-16, "rounding, grown over the updates"),
    /** Parameters at the end of whole training runs. */
    TRAINING_PARAMETERS("training: parameters", 1e-12, 3.78e-16, "rounding, grown over the updates"),
    /** Losses and final states of runs with generalised teacher forcing. */
    FORCED_RUN("forced run: forward", 1e-13, 2.01e-15, "rounding, which the voltage that is read passes on"),
    /** Parameters, array by array. */
    FORCED_RUN_GRADIENTS("forced run: gradients", 1e-12, 3.41e-14, "the same; small errors that large ones leave"),
    /** Penalties, constants, filters and forecasts of coupled generalised linear models, array by array. */
    GLM("glm: weights and forecasts", 1e-9, 5.23e-11, "rounding, times the condition of the second derivatives"),
    /** Scores of forecasts of spike counts, each relative to itself. */
    SCORES("scores", 1e-10, 1.93e-11, "rounding; explained variances are differences of sums"),
    /** Their standard errors. */
    SCORE_ERRORS("scores: standard errors", 1e-8, 5.39e-11, "the reference differentiates numerically"),
    /** exp, in ulp of the exact result. */
    EXP("elementary: exp (ulp)", 1.0, 0.875, "bound stated by Elementary"),
    /** log, in ulp. */
    LOG("elementary: log (ulp)", 0.9, 0.861, "bound stated by Elementary"),
    /** sigma, in ulp. */
    SIGMA("elementary: sigma (ulp)", 1.1, 1.016, "bound stated by Elementary"),
    /** tanh, in ulp. */
    TANH("elementary: tanh (ulp)", 2.0, 1.989, "bound stated by Elementary"),
    /** Rates, spike times, voltages of neurons, relative to each value. */
    LIF("lif: closed forms", 1e-12, 1.40e-14, "a few operations, each rounded"),
    /** Voltages of a neuron on a grid, relative; spikes in the very step. */
    LIF_GRID("lif: exact stepper on a grid", 1e-12, 3.19e-15, "rounding of thousands of steps, damped by the leak"),
    /** Exact spike times of a delayed ring, relative. */
    LIF_DELAYED_RING("lif: delayed ring", 1e-12, 1.06e-15, "rounding, carried from spike to spike"),
    /** States and estimates after one step of a Runge-Kutta method, relative to the state's largest entry. */
    ODE_STEP("ode: one step", 1e-14, 1.13e-15, "a few operations, each rounded; coefficients up to 12 that cancel"),
    /** Dense output within that step. */
    ODE_DENSE("ode: dense output", 1e-13, 3.42e-15, "the same, with coefficients that cancel once more"),
    /** Exact solutions, by Dormand-Prince at a relative tolerance of 1e-12. */
    ODE_SOLUTION("ode: solutions", 1e-10, 1.89e-12, "errors of some hundred steps add up"),
    /** Times of upward crossings, absolute, at the same tolerance. */
    ODE_CROSSING("ode: crossings", 1e-9, 5.71e-11, "the solution's error over its slope"),
    /** The CA1 neuron's derivative, relative to the sum of the magnitudes of its terms. */
    CA1_DERIVATIVE("ca1: derivative", 2e-15, 3.24e-16, "some ten operations, each rounded"),
    /** Spike times by Dormand-Prince at a relative tolerance of 1e-8, in ms. */
    CA1_SPIKES("ca1: spike times (ms)", 1e-5, 5.27e-06, "the specification's bound; the errors of steps accumulate"),
    /** States by the same, relative to each value. */
    CA1_STATES("ca1: states", 1e-6, 1.16e-07, "the specification's bound"),
    /** Spike times by classical Runge-Kutta at dt = 0.01 ms, in units of the specification's errors. */
    CA1_RK4_SPIKES("ca1: spike times of RK4 / specified error", 3, 1.02e+00, "the specification's bound"),
    /** Settled intervals, gaps, periods and spikes per burst, relative. */
    CA1_SETTLED("ca1: settled statistics", 1e-6, 1.01e-08, "means of intervals whose errors do not add up"),
    /** Exact spike times of a ring with external kicks, relative. */
    LIF_EVENT_RING("lif: ring with external kicks", 1e-12, 2.01e-16, "rounding of sums of delays"),
    /** Its voltages, in units of the threshold. */
    LIF_EVENT_RING_VOLTAGE("lif: voltages of that ring", 1e-14, 1.56e-15, "rounding, damped by the leak"),
    /** Probabilities, final states and losses of networks of neurons that exchange messages. */
    COUPLED("coupled: forward", 1e-13, 8.94e-16, "rounding of some T W operations"),
    /** Parameters, array by array. */
    COUPLED_GRADIENTS("coupled: gradients", 1e-12, 6.25e-14, "the same, summed over bins and neurons"),
    /** Malformed files that were accepted, or good ones that were refused. */
    FILES("files that must be rejected", 0, 0, "a reader takes good files only");

    private final String subject;
    private final double tolerance;
    private final double measured;
    private final String reason;

    Bound(String subject, double tolerance, double measured, String reason) {
        this.subject = subject;
        this.tolerance = tolerance;
        this.measured = measured;
        this.reason = reason;
    }

    /** The quantity that is bounded. */
    public String subject() {
        return subject;
    }

    /** The largest error that passes. */
    public double tolerance() {
        return tolerance;
    }

    /** The largest error when it was last measured. */
    public double measured() {
        return measured;
    }

    /** Why the tolerance is what it is. */
    public String reason() {
        return reason;
    }
}
