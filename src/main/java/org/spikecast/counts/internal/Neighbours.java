package org.spikecast.counts.internal;

/**
 * Sums over the neurons from which each neuron receives, as a sparse gather. A row of a batch has N R columns: neuron
 * a of segment r is column a R + r. The order of summation is that of the connections.
 */
public final class Neighbours {
    private static final int EXCITATORY = 0;
    private static final int INHIBITORY = 1;

    private final int[] type;
    private final Lists excitatory;
    private final Lists inhibitory;
    private final Lists targets;

    /** Lists of neurons: list a is neuron[start[a]] to neuron[start[a + 1] - 1]. */
    private record Lists(int[] start, int[] neuron) {
        /** For each neuron the values of its edges, in their order; only edges whose source is wanted. */
        static Lists of(int neurons, int[] key, int[] value, int[] source, boolean[] wanted) {
            int[] start = new int[neurons + 1];
            for (int e = 0; e < key.length; e++) {
                start[key[e] + 1] += wanted[source[e]] ? 1 : 0;
            }
            for (int a = 0; a < neurons; a++) {
                start[a + 1] += start[a];
            }
            int[] next = start.clone();
            int[] list = new int[start[neurons]];
            for (int e = 0; e < key.length; e++) {
                if (wanted[source[e]]) {
                    list[next[key[e]]++] = value[e];
                }
            }
            return new Lists(start, list);
        }

        /** y = sum of x over list a, four segments at a time. */
        void sum(int a, int segments, double[] x, int xOffset, double[] y, int yOffset) {
            int r = 0;
            for (; r + 4 <= segments; r += 4) {
                double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
                for (int e = start[a]; e < start[a + 1]; e++) {
                    int at = xOffset + neuron[e] * segments + r;
                    s0 += x[at];
                    s1 += x[at + 1];
                    s2 += x[at + 2];
                    s3 += x[at + 3];
                }
                y[yOffset + r] = s0;
                y[yOffset + r + 1] = s1;
                y[yOffset + r + 2] = s2;
                y[yOffset + r + 3] = s3;
            }
            for (; r < segments; r++) {
                double s = 0;
                for (int e = start[a]; e < start[a + 1]; e++) {
                    s += x[xOffset + neuron[e] * segments + r];
                }
                y[yOffset + r] = s;
            }
        }
    }

    public Neighbours(Connections connections) {
        int n = connections.neurons();
        int[] target = connections.target();
        int[] source = connections.source();
        boolean[] excites = connections.excitatory();
        boolean[] inhibits = new boolean[n];
        boolean[] all = new boolean[n];
        type = new int[n];
        for (int a = 0; a < n; a++) {
            inhibits[a] = !excites[a];
            all[a] = true;
            type[a] = excites[a] ? EXCITATORY : INHIBITORY;
        }
        excitatory = Lists.of(n, target, source, source, excites);
        inhibitory = Lists.of(n, target, source, source, inhibits);
        targets = Lists.of(n, source, target, source, all);
    }

    /** N. */
    int neurons() {
        return type.length;
    }

    /** 0 for an excitatory, 1 for an inhibitory neuron. */
    int type(int neuron) {
        return type[neuron];
    }

    /** y_a = sum of x_b over the excitatory neurons b from which a receives. */
    void excitatory(int segments, double[] x, int xOffset, double[] y, int yOffset) {
        for (int a = 0; a < type.length; a++) {
            excitatory.sum(a, segments, x, xOffset, y, yOffset + a * segments);
        }
    }

    /** y_a = sum of x_b over the inhibitory neurons b from which a receives. */
    void inhibitory(int segments, double[] x, int xOffset, double[] y, int yOffset) {
        for (int a = 0; a < type.length; a++) {
            inhibitory.sum(a, segments, x, xOffset, y, yOffset + a * segments);
        }
    }

    /**
     * The backward pass of both sums of one x: dx_b = sum of dy_a over the neurons a that receive from b.
     *
     * @param excitatoryOffset of the gradient of the sums over excitatory neurons
     * @param inhibitoryOffset of that of the sums over inhibitory neurons
     */
    void scatter(int segments, double[] dy, int excitatoryOffset, int inhibitoryOffset, double[] dx, int dxOffset) {
        for (int b = 0; b < type.length; b++) {
            int offset = type[b] == EXCITATORY ? excitatoryOffset : inhibitoryOffset;
            targets.sum(b, segments, dy, offset, dx, dxOffset + b * segments);
        }
    }
}
