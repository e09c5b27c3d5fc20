package org.spikecast.counts.internal;

import java.util.Arrays;

/**
 * The connectivity of a network, as an edge list.
 *
 * @param target per connection the neuron that receives
 * @param source per connection the neuron that sends
 * @param weight per connection its weight; negative from an inhibitory neuron
 */
public record Connections(int neurons, int[] target, int[] source, double[] weight) {
    public Connections {
        if (target.length != source.length || target.length != weight.length) {
            throw new IllegalArgumentException("Connections need a target, a source and a weight each, got "
                    + target.length + ", " + source.length + " and " + weight.length);
        }
        for (int e = 0; e < target.length; e++) {
            if (target[e] < 0 || target[e] >= neurons || source[e] < 0 || source[e] >= neurons) {
                throw new IllegalArgumentException("Connection " + e + " runs from neuron " + source[e] + " to neuron "
                        + target[e] + ", but there are " + neurons + " neurons");
            }
        }
    }

    /** Per neuron whether it is excitatory; false if it sends nothing. */
    public boolean[] excitatory() {
        boolean[] excitatory = new boolean[neurons];
        for (int e = 0; e < source.length; e++) {
            excitatory[source[e]] = weight[e] > 0;
        }
        return excitatory;
    }

    /**
     * Sums a quantity over the neurons from which each neuron receives.
     *
     * @param values one per neuron, from index {@code at} on
     * @param excitatory the result of {@link #excitatory}
     * @param overExcitatory receives N sums over excitatory neighbours
     * @param overInhibitory receives N sums over inhibitory neighbours
     */
    void neighbourSums(
            double[] values, int at, boolean[] excitatory, double[] overExcitatory, double[] overInhibitory) {
        Arrays.fill(overExcitatory, 0);
        Arrays.fill(overInhibitory, 0);
        for (int e = 0; e < source.length; e++) {
            double[] sums = excitatory[source[e]] ? overExcitatory : overInhibitory;
            sums[target[e]] += values[at + source[e]];
        }
    }
}
