package org.spikecast.counts.internal;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.counts.Series;

/**
 * The input of a {@link CoupledGlm}: channels, each the summed counts or external events of some neurons.
 *
 * @param likelihood of the counts
 * @param lags L, bins that the filters reach back
 * @param highest the highest forecast
 * @param group per neuron its group, whose neurons share weights
 * @param groups the number of groups
 * @param external the channel of external events; -1 without
 * @param sources per neuron and channel the neurons that are summed
 * @param messages the channels over whose sources forecasts are summed, too; none where connections are unknown
 */
record GlmDesign(
        Likelihood likelihood,
        int lags,
        double highest,
        int[] group,
        int groups,
        int external,
        int[][][] sources,
        int[] messages) {

    /** The design for a series, of which only counts before the test part are read. */
    static GlmDesign of(Series series, Split split, int lags) {
        double most = 1;
        for (int j = 0; j < split.validationEnd() * series.neurons(); j++) {
            most = Math.max(most, series.values().data[j]);
        }
        Likelihood likelihood = most > 1 ? Likelihood.POISSON : Likelihood.BERNOULLI;
        double highest = most > 1 ? 2 * most : 1; // an exponential that is fed back must not run away
        boolean known = series.connections() != null;
        int n = series.neurons();
        int own = series.external() == null ? 1 : 2;
        int external = own == 2 ? 1 : -1;
        int[] group = new int[n];
        int[][][] sources = new int[n][][];
        boolean[] excitatory = known ? series.connections().excitatory() : null;
        int[][][] neighbours = known ? neighbours(series.connections(), excitatory) : null;
        for (int a = 0; a < n; a++) {
            group[a] = !known ? a : excitatory[a] ? 0 : 1;
            sources[a] = new int[known ? own + 2 : own + n - 1][];
            Arrays.fill(sources[a], 0, own, new int[] {a});
            if (known) {
                sources[a][own] = neighbours[0][a];
                sources[a][own + 1] = neighbours[1][a];
            } else {
                for (int b = 0; b < n - 1; b++) {
                    sources[a][own + b] = new int[] {b < a ? b : b + 1};
                }
            }
        }
        int[] messages = known ? new int[] {own, own + 1} : new int[0];
        return new GlmDesign(likelihood, lags, highest, group, known ? 2 : n, external, sources, messages);
    }

    /** Per neuron its excitatory neighbours, then per neuron its inhibitory ones, in the order of the connections. */
    private static int[][][] neighbours(Connections connections, boolean[] excitatory) {
        int n = connections.neurons();
        int[][][] lists = new int[2][n][0];
        int[][] size = new int[2][n];
        for (int e = 0; e < connections.source().length; e++) {
            int b = connections.source()[e];
            int a = connections.target()[e];
            int type = excitatory[b] ? 0 : 1;
            int[] list = lists[type][a];
            if (size[type][a] == list.length) {
                list = Arrays.copyOf(list, Math.max(8, 2 * list.length));
                lists[type][a] = list;
            }
            list[size[type][a]++] = b;
        }
        for (int type = 0; type < 2; type++) {
            for (int a = 0; a < n; a++) {
                lists[type][a] = Arrays.copyOf(lists[type][a], size[type][a]);
            }
        }
        return lists;
    }

    int neurons() {
        return group.length;
    }

    int channels() {
        return sources[0].length;
    }

    /** The neurons of a group. */
    int[] members(int g) {
        int[] members = new int[neurons()];
        int count = 0;
        for (int a = 0; a < neurons(); a++) {
            if (group[a] == g) {
                members[count++] = a;
            }
        }
        return Arrays.copyOf(members, count);
    }

    /** The basis of a channel's filter: coarse for a channel that is one of many. */
    LagBasis basis(int channel) {
        boolean oneOfMany = messages.length == 0 && channel > Math.max(0, external);
        return oneOfMany ? LagBasis.coarse(lags) : LagBasis.fine(lags);
    }

    /** Whether a channel is of external events. */
    boolean isExternal(int channel) {
        return channel == external;
    }

    /**
     * Sums a channel's sources in some bins.
     *
     * @param values bins x N
     */
    void sum(DMatrixRMaj values, int neuron, int channel, int firstBin, int bins, double[] sums) {
        Arrays.fill(sums, 0, bins, 0);
        for (int b : sources[neuron][channel]) {
            for (int i = 0, at = firstBin * values.numCols + b; i < bins; i++, at += values.numCols) {
                sums[i] += values.data[at];
            }
        }
    }
}
