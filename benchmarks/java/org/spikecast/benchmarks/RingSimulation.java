package org.spikecast.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.spikecast.neuron.RingParameters;
import org.spikecast.neuron.internal.EventDrivenRing;
import org.spikecast.neuron.internal.RingNetwork;

/** 3000 ms of the ring of 600 neurons: at steps of 0.05 ms, and from event to event with a delay of 0.05 ms. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RingSimulation {
    /** A whole run; returns the number of spikes. */
    @Benchmark
    public int run() {
        RingNetwork network = new RingNetwork(RingParameters.irregular(), 1);
        int spikes = 0;
        for (int k = 0; k < 60_000; k++) {
            network.step();
            spikes += network.spikeCount();
        }
        return spikes;
    }

    /** A whole run from event to event; returns the number of spikes. */
    @Benchmark
    public int event() {
        EventDrivenRing ring = new EventDrivenRing(RingParameters.irregular(), 0.05, 1);
        ring.runTo(3000);
        return ring.spikeCount();
    }
}
