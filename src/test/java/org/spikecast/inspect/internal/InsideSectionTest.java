package org.spikecast.inspect.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.spikecast.Tolerances;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.Forecaster;
import org.spikecast.params.ParameterSet;

class InsideSectionTest {
    /** One unit near zero is linear: each step back multiplies the gradient by its recurrent weight. */
    @Test
    void theGradientOfALinearTanhUnitFallsByItsWeight() {
        NetworkParameters p = new NetworkParameters(new NetworkConfig(1, 1, 1, 1).with(Cell.RNN));
        for (ParameterSet.Block block : p.set().blocks()) {
            block.data()[0] =
                    block.name().equals("rnn.weight_hh_l0") ? 0.5 : block.name().equals("fc.weight") ? 1 : 0;
        }
        double[] x = new double[4 * 65];
        double[] target = new double[65];
        Arrays.fill(target, 1);
        target[64] = 3; // in a part of its own
        double[] norms = InsideSection.norms(
                Kernel.best(), Forecaster.bare(p), new InsideSection.Sequences(x, target, 65, 4, false));
        for (int back = 0; back < 4; back++) {
            assertEquals(1.0 / (1 << back), norms[back], Tolerances.OTHER_ORDER);
        }
    }

    @Test
    void theSentenceSaysWhatTheNormsShow() {
        double[] falling = new double[20];
        double[] lasting = new double[20];
        Arrays.setAll(falling, back -> Elementary.exp(-back));
        Arrays.setAll(lasting, back -> Elementary.exp(-0.05 * back));
        Map<String, double[]> reach = new LinkedHashMap<>();
        reach.put("this LSTM", lasting);
        reach.put("tanh network", falling);
        String sentence = InsideSection.sentence(reach);
        assertTrue(
                sentence.contains(
                        "this LSTM nowhere in 20 (at the first step it is 0.39 times that norm), tanh network 3."),
                sentence);
        assertTrue(sentence.contains("has a second path"), sentence);
        reach.put("this LSTM", falling);
        assertTrue(InsideSection.sentence(reach).contains("no difference"));
        reach.put("tanh network", lasting);
        assertTrue(InsideSection.sentence(reach).contains("does not vanish sooner"));
    }

    /** A run's parts hold them sorted by name; the network itself comes first again. */
    @Test
    void normsComeBackFromAFile() {
        Map<String, double[]> reach = new LinkedHashMap<>();
        reach.put("this LSTM", new double[] {1, 0.5});
        reach.put("GRU", new double[] {1, 0.25});
        @SuppressWarnings("unchecked")
        Map<String, Object> read = (Map<String, Object>) Json.parse(Json.write(InsideSection.toJson(reach)));
        Map<String, double[]> again = InsideSection.fromJson(read);
        assertEquals(List.of("this LSTM", "GRU"), List.copyOf(again.keySet()));
        assertEquals(0.25, again.get("GRU")[1]);
    }
}
