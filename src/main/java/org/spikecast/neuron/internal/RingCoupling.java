package org.spikecast.neuron.internal;

import java.util.Arrays;
import org.spikecast.neuron.RingParameters;

/**
 * Connectivity and weights on the ring: the same box kernel for the four pairs of types.
 *
 * <p>Neurons 0 .. N_E - 1 are excitatory, N_E .. N - 1 inhibitory; E_i and I_i sit at the same position i of the ring.
 *
 * <pre>{@code
 *   (7)  W_ab   = A_ab S_aE  for b in E,    -A_ab S_aI  for b in I
 *   (8)  A_ab   = 1  where a != b and min(|i-j|, N_E-|i-j|) <= reach,   0 elsewhere;    i, j: positions of a, b
 * }</pre>
 *
 * <p>No matrix is stored: the weights of a spike of b are constant over one or two ranges of each type, so that it
 * costs work for the 4 reach + 1 neurons that it reaches, not for N.
 *
 * <p>Source: Z.-C. Xiao, K. K. Lin, J. Comput. Neurosci. 50:9-15 (2022).
 */
public final class RingCoupling {
    private final RingParameters parameters;
    private final int excitatory;

    /** Per position the positions at most the reach away: from element 0 to 1 and, beyond a seam of the ring, 2 to 3. */
    private final int[][] reach;

    /** The coupling of a ring. */
    public RingCoupling(RingParameters parameters) {
        this.parameters = parameters;
        this.excitatory = parameters.neurons() / 2;
        this.reach = new int[excitatory][];
        for (int i = 0; i < excitatory; i++) {
            int from = i - parameters.reach();
            int to = i + parameters.reach() + 1;
            if (from < 0) {
                reach[i] = new int[] {0, to, from + excitatory, excitatory};
            } else if (to > excitatory) {
                reach[i] = new int[] {0, to - excitatory, from, excitatory};
            } else {
                reach[i] = new int[] {from, to, to, to};
            }
        }
    }

    /** Whether a neuron is excitatory. */
    public boolean isExcitatory(int neuron) {
        return neuron < excitatory;
    }

    /** A_ab of (8): whether spikes of source reach target. */
    public boolean isConnected(int target, int source) {
        int distance = Math.abs(target % excitatory - source % excitatory);
        return target != source && Math.min(distance, excitatory - distance) <= parameters.reach();
    }

    /** W_ab of (7): the voltage that a spike of source adds to target. */
    public double weight(int target, int source) {
        return isConnected(target, source) ? weightOfTypes(isExcitatory(target), isExcitatory(source)) : 0;
    }

    private double weightOfTypes(boolean toE, boolean fromE) {
        if (fromE) {
            return toE ? parameters.sEE() : parameters.sIE();
        }
        return toE ? -parameters.sEI() : -parameters.sII();
    }

    /** Adds factor W_ab to element a of an array, for all a. Allocates nothing. */
    void addColumn(int b, double factor, double[] sums) {
        double own = sums[b];
        boolean fromE = isExcitatory(b);
        int[] range = reach(b);
        double toE = factor * weightOfTypes(true, fromE);
        double toI = factor * weightOfTypes(false, fromE);
        add(toE, sums, range[0], range[1]);
        add(toE, sums, range[2], range[3]);
        add(toI, sums, excitatory + range[0], excitatory + range[1]);
        add(toI, sums, excitatory + range[2], excitatory + range[3]);
        sums[b] = own; // no neuron connects to itself
    }

    private static void add(double weight, double[] sums, int from, int to) {
        for (int a = from; a < to; a++) {
            sums[a] += weight;
        }
    }

    /**
     * The positions that spikes of a neuron reach: elements 0 to 1 and 2 to 3, each without its end, ascending. Read
     * only.
     */
    int[] reach(int neuron) {
        return reach[neuron < excitatory ? neuron : neuron - excitatory];
    }

    /** The number of neurons that are at most the reach away from a neuron, itself included. */
    int reachSize() {
        return 2 * (2 * parameters.reach() + 1);
    }

    /** Writes these neurons to a list from index {@code at} on; returns the index after the last one. */
    int listReach(int neuron, int[] list, int at) {
        int[] range = reach(neuron);
        int end = at;
        for (int r = 0; r < range.length; r += 2) {
            for (int position = range[r]; position < range[r + 1]; position++) {
                list[end++] = position;
                list[end++] = excitatory + position;
            }
        }
        return end;
    }

    /**
     * All connections.
     *
     * @return M x 2, row-major: target and source, ordered by source, then by target
     */
    public int[] edges() {
        int n = parameters.neurons();
        int[] edges = new int[Require.area("the edges", n * (4L * parameters.reach() + 1), 2)];
        int e = 0;
        for (int source = 0; source < n; source++) {
            int[] range = reach(source);
            for (int first = 0; first < n; first += excitatory) {
                for (int r = 0; r < range.length; r += 2) {
                    for (int target = first + range[r]; target < first + range[r + 1]; target++) {
                        if (target != source) {
                            edges[e++] = target;
                            edges[e++] = source;
                        }
                    }
                }
            }
        }
        return edges;
    }

    /** The weight of each of the M {@link #edges}, negative from I. */
    public double[] weights() {
        int[] edges = edges();
        double[] weights = new double[edges.length / 2];
        Arrays.setAll(weights, m -> weight(edges[2 * m], edges[2 * m + 1]));
        return weights;
    }
}
