package org.spikecast.voltage.internal;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.internal.Decimal;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.neuron.Ca1Simulation;
import org.spikecast.neuron.internal.Ca1Neuron;
import org.spikecast.neuron.internal.Ca1Parameter;
import org.spikecast.run.internal.Facts;
import org.spikecast.train.Scaling;
import org.spikecast.voltage.TraceSource;

/**
 * Traces of simulated CA1 neurons with a random initial state and a random current each. Times are in ms, currents in uA/cm2;
 * voltages are scaled by (V + 60) / 20, currents from their interval to -1 .. 1.
 *
 * @param parameters of all cells
 * @param lowestCurrent of the interval of random currents
 * @param highestCurrent of it
 * @param seed of random initial states and currents
 * @param trainingCells trajectories
 * @param longCells trajectories for training that are as long as those for free runs; 0 for none
 * @param validationCells trajectories
 * @param testCells trajectories
 * @param freeRunCells trajectories
 * @param durationMs of each, from its random initial state on
 * @param freeRunMs of each for free runs, including the time that is observed first
 * @param sampleMs the interval between samples
 * @param dtMs step of the classical Runge-Kutta method
 */
public record Ca1Source(
        Ca1Parameters parameters,
        double lowestCurrent,
        double highestCurrent,
        long seed,
        int trainingCells,
        int longCells,
        int validationCells,
        int testCells,
        int freeRunCells,
        double durationMs,
        double freeRunMs,
        double sampleMs,
        double dtMs)
        implements TraceSource {
    /** Part p begins at trajectory p times this, so that the size of one part changes no other. */
    private static final int PART = 1_000_000;

    private static final double VOLTAGE_OFFSET = -60;
    private static final double VOLTAGE_SCALE = 20;

    /** Perturbations, mV, and the number of cells over which their growth is averaged. */
    private static final double[] PERTURBATIONS = {0.001, 1};

    private static final int DIVERGING_CELLS = 128;

    public Ca1Source {
        for (int cells : new int[] {trainingCells, validationCells, testCells, freeRunCells}) {
            Ca1Setup.require(cells >= 1, "numbers of trajectories must be at least 1", cells, "give larger ones");
        }
        for (double current : new double[] {lowestCurrent, highestCurrent}) {
            Ca1Setup.require(Double.isFinite(current), "current must be finite", current, "give a number");
        }
        Ca1Setup.require(
                lowestCurrent <= highestCurrent,
                "the highest current must be at least the lowest, " + Decimal.shortest(lowestCurrent),
                highestCurrent,
                "exchange them");
        Ca1Setup.requirePositive("sample", sampleMs);
        Ca1Setup.requirePositive("dt", dtMs);
        Ca1Setup.requirePositive("duration", durationMs);
        for (double lasting : new double[] {durationMs, freeRunMs}) {
            Ca1Simulation.random(parameters, lowestCurrent, highestCurrent, seed, 0, 1, lasting, sampleMs)
                    .stepsPerSample(dtMs);
        }
    }

    /** n cells from trajectory {@code first} on. */
    private Ca1Simulation cells(int cells, int first, double lastingMs) {
        return Ca1Simulation.random(parameters, lowestCurrent, highestCurrent, seed, first, cells, lastingMs, sampleMs);
    }

    @Override
    public String caption() {
        return "A CA1 pyramidal neuron under a constant current, one of " + Facts.text(lowestCurrent) + " to "
                + Facts.text(highestCurrent) + " uA/cm2 for each trajectory.";
    }

    @Override
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("system", "ca1");
        json.put("seed", seed);
        json.put("lowest_current", lowestCurrent);
        json.put("highest_current", highestCurrent);
        json.put("training_cells", trainingCells);
        json.put("long_cells", longCells);
        json.put("validation_cells", validationCells);
        json.put("test_cells", testCells);
        json.put("free_run_cells", freeRunCells);
        json.put("duration_ms", durationMs);
        json.put("free_run_ms", freeRunMs);
        json.put("sample_ms", sampleMs);
        json.put("method", "rk4");
        json.put("dt_ms", dtMs);
        parameters.values().forEach((parameter, value) -> json.put(parameter.key(), value));
        return json;
    }

    @Override
    public TraceData data(Kernel kernel) {
        double half = (highestCurrent - lowestCurrent) / 2;
        Scaling scaling = new Scaling(
                new double[] {VOLTAGE_OFFSET, lowestCurrent + half}, new double[] {VOLTAGE_SCALE, half > 0 ? half : 1});
        return new TraceData(
                part(0, trainingCells, durationMs, kernel),
                longCells == 0 ? null : part(4, longCells, freeRunMs, kernel),
                part(1, validationCells, durationMs, kernel),
                longCells == 0 ? null : part(5, validationCells, freeRunMs, kernel),
                part(2, testCells, durationMs, kernel),
                part(3, freeRunCells, freeRunMs, kernel),
                scaling);
    }

    private Traces part(int part, int cells, double lastingMs, Kernel kernel) {
        return Traces.of(cells(cells, part * PART, lastingMs).runFixed(dtMs, kernel));
    }

    @Override
    public List<String> hiddenNames() {
        return List.of("V", "h", "n", "b", "z", "r", "c", "q", "Ca");
    }

    @Override
    public DMatrixRMaj[] hidden(int cells, int every, Kernel kernel) {
        int count = Math.min(cells, freeRunCells);
        Ca1Simulation simulation = cells(count, 3 * PART, freeRunMs);
        int samples = Traces.samples(freeRunMs, sampleMs);
        Ca1Simulation interval = simulation.lasting(sampleMs, sampleMs);
        double[] state = simulation.initial();
        DMatrixRMaj[] hidden = new DMatrixRMaj[count];
        Arrays.setAll(hidden, cell -> new DMatrixRMaj((samples - 1) / every + 1, Ca1Neuron.VARIABLES));
        for (int sample = 0; sample < samples; sample++) {
            if (sample > 0) {
                state = interval.from(state).runFixed(dtMs, kernel).state();
            }
            for (int cell = 0; cell < count && sample % every == 0; cell++) {
                for (int variable = 0; variable < Ca1Neuron.VARIABLES; variable++) {
                    hidden[cell].set(sample / every, variable, state[variable * count + cell]);
                }
            }
        }
        return hidden;
    }

    /** Those of the slow gating variables. */
    @Override
    public Map<String, Double> timeConstants() {
        Map<String, Double> constants = new LinkedHashMap<>();
        for (Ca1Parameter tau : List.of(Ca1Parameter.TAU_B, Ca1Parameter.TAU_Z, Ca1Parameter.TAU_Q)) {
            constants.put(
                    "gate " + tau.key().substring(tau.key().indexOf('_') + 1),
                    parameters.values().get(tau));
        }
        return constants;
    }

    @Override
    public Map<String, Object> divergence(double observedMs, Kernel kernel) {
        Map<String, Object> curves = new LinkedHashMap<>();
        for (double mv : PERTURBATIONS) {
            curves.put(Facts.text(mv), divergence(DIVERGING_CELLS, mv, observedMs, freeRunMs - observedMs, kernel));
        }
        return curves;
    }

    /** As {@link #divergence(double, Kernel)}, of n cells and one perturbation, for a given time. */
    double[] divergence(int cells, double perturbationMv, double settleMs, double forMs, Kernel kernel) {
        Ca1Simulation settling = cells(cells, 3 * PART, settleMs).lasting(settleMs, settleMs);
        double[] state = settling.runFixed(dtMs, kernel).state();
        double[] perturbed = state.clone();
        for (int cell = 0; cell < cells; cell++) {
            perturbed[cell] += perturbationMv; // V is the first variable
        }
        Ca1Simulation going = settling.lasting(forMs, sampleMs);
        double[] a = going.from(state).runFixed(dtMs, kernel).voltage();
        double[] b = going.from(perturbed).runFixed(dtMs, kernel).voltage();
        int perMs = Math.max(1, (int) Math.rint(1 / sampleMs)) * cells;
        double[] rms = new double[(a.length - cells) / perMs];
        for (int bin = 0; bin < rms.length; bin++) {
            double sum = 0;
            for (int j = cells + bin * perMs; j < cells + (bin + 1) * perMs; j++) {
                sum += (a[j] - b[j]) * (a[j] - b[j]);
            }
            rms[bin] = Math.sqrt(sum / perMs);
        }
        return rms;
    }
}
