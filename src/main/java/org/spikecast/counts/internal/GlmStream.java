package org.spikecast.counts.internal;

import java.util.Arrays;
import org.spikecast.counts.CountStream;

/**
 * A {@link CoupledGlm} that reads bin by bin. Each event adds its filter to the linear predictors of the next L bins,
 * so that the work is proportional to the number of events, not of bins.
 */
final class GlmStream implements CountStream {
    private final CoupledGlm model;
    private final GlmDesign design;
    private final int lags;

    /** Per neuron b the neurons and channels that its counts, or its external events, go to: a, c, a, c, ... */
    private final int[][] fromCounts;

    private final int[][] fromExternal;

    /** Per neuron the contribution of past events to the next L bins, a ring buffer that begins at {@code next}. */
    private final double[][] pending;

    private int next;

    private final GlmStream sender;
    private final double[] sent;

    GlmStream(CoupledGlm model) {
        this(
                model,
                targets(model.design(), false),
                targets(model.design(), true),
                model.sender() == null ? null : new GlmStream(model.sender()));
    }

    private GlmStream(CoupledGlm model, int[][] fromCounts, int[][] fromExternal, GlmStream sender) {
        this.model = model;
        this.design = model.design();
        this.lags = design.lags();
        this.fromCounts = fromCounts;
        this.fromExternal = fromExternal;
        this.sender = sender;
        pending = new double[design.neurons()][lags];
        sent = new double[design.neurons()];
    }

    private static int[][] targets(GlmDesign design, boolean external) {
        int n = design.neurons();
        int[][] targets = new int[n][4];
        int[] size = new int[n];
        for (int a = 0; a < n; a++) {
            for (int c = 0; c < design.channels(); c++) {
                if (design.isExternal(c) == external) {
                    for (int b : design.sources()[a][c]) {
                        if (size[b] + 2 > targets[b].length) {
                            targets[b] = Arrays.copyOf(targets[b], 2 * targets[b].length);
                        }
                        targets[b][size[b]++] = a;
                        targets[b][size[b]++] = c;
                    }
                }
            }
        }
        for (int b = 0; b < n; b++) {
            targets[b] = Arrays.copyOf(targets[b], size[b]);
        }
        return targets;
    }

    @Override
    public int neurons() {
        return design.neurons();
    }

    @Override
    public Likelihood likelihood() {
        return design.likelihood();
    }

    @Override
    public void step(double[] counts, double[] external, double[] forecast) {
        if (sender != null) {
            sender.step(counts, external, sent);
        }
        add(counts, fromCounts);
        if (design.external() >= 0) {
            add(external, fromExternal);
        }
        for (int a = 0; a < neurons(); a++) {
            double eta = model.constant(a) + pending[a][next];
            pending[a][next] = 0; // from now on the place of the bin L ahead
            if (sender != null) {
                eta += messages(a);
            }
            forecast[a] = Math.min(design.likelihood().mean(eta), design.highest());
        }
        next = next + 1 < lags ? next + 1 : 0;
    }

    /** (2) of {@link CoupledGlm}, event by event. */
    private void add(double[] events, int[][] to) {
        for (int b = 0; b < events.length; b++) {
            if (events[b] != 0) {
                for (int i = 0; i < to[b].length; i += 2) {
                    double[] filter = model.filter(to[b][i], to[b][i + 1]);
                    add(events[b], filter, pending[to[b][i]]);
                }
            }
        }
    }

    private void add(double factor, double[] filter, double[] ring) {
        int first = lags - next;
        for (int l = 0; l < first; l++) {
            ring[next + l] += factor * filter[l];
        }
        for (int l = first; l < lags; l++) {
            ring[l - first] += factor * filter[l];
        }
    }

    /** (5) of {@link CoupledGlm}. */
    private double messages(int a) {
        double[] m = model.messageWeights(a);
        double eta = 0;
        for (int j = 0; j < m.length; j++) {
            double q = 0;
            for (int b : design.sources()[a][design.messages()[j]]) {
                q += sent[b];
            }
            eta += m[j] * q;
        }
        return eta;
    }

    @Override
    public CountStream copy() {
        GlmStream copy =
                new GlmStream(model, fromCounts, fromExternal, sender == null ? null : (GlmStream) sender.copy());
        copy.copyStateFrom(this);
        return copy;
    }

    @Override
    public void copyStateFrom(CountStream other) {
        if (!(other instanceof GlmStream stream) || stream.model != model) {
            throw new IllegalArgumentException(
                    "Stream: expected one of the same model, got another: make it by copy()");
        }
        for (int a = 0; a < pending.length; a++) {
            System.arraycopy(stream.pending[a], 0, pending[a], 0, lags);
        }
        next = stream.next;
        if (sender != null) {
            sender.copyStateFrom(stream.sender);
        }
    }
}
