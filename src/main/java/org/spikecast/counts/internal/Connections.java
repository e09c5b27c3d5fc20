package org.spikecast.counts.internal;

import org.ejml.data.DMatrixRMaj;

/**
 * Who is connected to whom.
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

    /** Per neuron: whether what it sends excites. */
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
     * @param values bins x neurons
     * @param excitatory whether to sum over the excitatory or the inhibitory neighbours
     * @return bins x neurons
     */
    public DMatrixRMaj neighbourSums(DMatrixRMaj values, boolean excitatory) {
        boolean[] type = excitatory();
        DMatrixRMaj sums = new DMatrixRMaj(values.numRows, values.numCols);
        for (int bin = 0; bin < values.numRows; bin++) {
            int row = bin * neurons;
            for (int e = 0; e < source.length; e++) {
                if (type[source[e]] == excitatory) {
                    sums.data[row + target[e]] += values.data[row + source[e]];
                }
            }
        }
        return sums;
    }
}
