package org.spikecast.voltage.internal;

import java.util.Arrays;
import org.spikecast.kernel.RandomStream;

/**
 * The places in traces at which a block can begin, with its window before it; and those among them whose block is
 * active. A bursting cell is at rest most of the time, which is easy to forecast.
 */
public final class BlockStarts {
    /** A block is active if its voltages span more than this, in mV. */
    public static final double ACTIVE_RANGE = 30;

    private final Traces traces;
    private final int window;
    private final int perCell;
    private final int[] active;
    private final boolean[] isActive;

    /** The places of traces for windows and blocks of these lengths. */
    public BlockStarts(Traces traces, int window, int horizon) {
        this.traces = traces;
        this.window = window;
        perCell = traces.samples() - window - horizon + 1;
        if (perCell < 1) {
            throw new IllegalArgumentException("A window of " + window + " and a horizon of " + horizon
                    + " samples do not fit into traces of " + traces.samples());
        }
        isActive = new boolean[Math.multiplyExact(traces.cells(), traces.samples())];
        int count = 0;
        int[] found = new int[isActive.length];
        for (int cell = 0; cell < traces.cells(); cell++) {
            for (int k = 0; k < perCell; k++) {
                int start = traces.place(cell, window + k);
                if (range(traces.voltage().data, start, horizon) > ACTIVE_RANGE) {
                    isActive[start] = true;
                    found[count++] = start;
                }
            }
        }
        active = Arrays.copyOf(found, count);
    }

    private static double range(double[] v, int start, int length) {
        double least = v[start];
        double most = v[start];
        for (int j = start + 1; j < start + length; j++) {
            least = Math.min(least, v[j]);
            most = Math.max(most, v[j]);
        }
        return most - least;
    }

    /** Whether the block at a place is active. */
    public boolean isActive(int start) {
        return isActive[start];
    }

    /** A place, drawn uniformly. */
    public int draw(RandomStream stream) {
        return traces.place(stream.nextInt(traces.cells()), window + stream.nextInt(perCell));
    }

    /** A place of an active block, drawn uniformly; any place if there is none. */
    public int drawActive(RandomStream stream) {
        return active.length == 0 ? draw(stream) : active[stream.nextInt(active.length)];
    }

    /** Places, drawn uniformly and independently. */
    public int[] draw(int count, RandomStream stream) {
        int[] starts = new int[count];
        for (int s = 0; s < count; s++) {
            starts[s] = draw(stream);
        }
        return starts;
    }
}
