package org.spikecast.voltage;

import java.util.LinkedHashMap;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.io.Decimal;
import org.spikecast.kernel.Kernel;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.neuron.Ca1Recording;
import org.spikecast.neuron.Ca1Simulation;
import org.spikecast.train.Scaling;

/**
 * Traces of CA1 neurons with a random initial state and a random current each, split by trajectory.
 *
 * @param training to learn from
 * @param longTraining as long as those of free runs, to learn from with a state that is carried; null if there are none
 * @param validation to choose an epoch on
 * @param longValidation to choose an epoch on by free runs; null if there are none to learn from
 * @param test to score blocks on
 * @param freeRun longer traces, to score forecasts on that go on without observation
 * @param scaling of voltage and current: (V + 60) / 20, and the interval of currents to -1 .. 1
 */
public record Ca1Data(
        Traces training,
        Traces longTraining,
        Traces validation,
        Traces longValidation,
        Traces test,
        Traces freeRun,
        Scaling scaling) {
    /** Parts of one seed begin at these trajectories, so that the size of one part changes no other. */
    private static final int PART = 1_000_000;

    private static final double VOLTAGE_OFFSET = -60;
    private static final double VOLTAGE_SCALE = 20;

    /**
     * How the data are made. Times are in ms, currents in uA/cm2.
     *
     * @param parameters of all cells
     * @param lowestCurrent of the interval of random currents
     * @param highestCurrent of it
     * @param seed of all that is random
     * @param trainingCells trajectories
     * @param longCells trajectories for training that are as long as those for free runs; 0 for none
     * @param validationCells trajectories
     * @param testCells trajectories
     * @param freeRunCells trajectories
     * @param durationMs of each, from its random initial state on
     * @param freeRunMs of each for free runs: what is observed first, and what is forecast
     * @param sampleMs the interval between samples
     * @param dtMs step of the classical Runge-Kutta method
     */
    public record Setup(
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
            double dtMs) {
        public Setup {
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

        /** So many cells from trajectory {@code first} on. */
        private Ca1Simulation cells(int cells, int first, double lastingMs) {
            return Ca1Simulation.random(
                    parameters, lowestCurrent, highestCurrent, seed, first, cells, lastingMs, sampleMs);
        }

        /** As it stands in a manifest. */
        Map<String, Object> toJson() {
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
    }

    /** Simulates; the same setup gives the same data with any kernel. */
    public static Ca1Data simulate(Setup s, Kernel kernel) {
        double half = (s.highestCurrent - s.lowestCurrent) / 2;
        Scaling scaling = new Scaling(
                new double[] {VOLTAGE_OFFSET, s.lowestCurrent + half},
                new double[] {VOLTAGE_SCALE, half > 0 ? half : 1});
        return new Ca1Data(
                part(s, 0, s.trainingCells, s.durationMs, kernel),
                s.longCells == 0 ? null : part(s, 4, s.longCells, s.freeRunMs, kernel),
                part(s, 1, s.validationCells, s.durationMs, kernel),
                s.longCells == 0 ? null : part(s, 5, s.validationCells, s.freeRunMs, kernel),
                part(s, 2, s.testCells, s.durationMs, kernel),
                part(s, 3, s.freeRunCells, s.freeRunMs, kernel),
                scaling);
    }

    private static Traces part(Setup s, int part, int cells, double durationMs, Kernel kernel) {
        Ca1Simulation simulation = s.cells(cells, part * PART, durationMs);
        return traces(simulation.runFixed(s.dtMs, kernel));
    }

    /** The voltages of a recording. */
    static Traces traces(Ca1Recording recording) {
        int samples = recording.samples();
        DMatrixRMaj voltage = new DMatrixRMaj(recording.cells(), samples);
        for (int cell = 0; cell < recording.cells(); cell++) {
            System.arraycopy(recording.voltageOf(cell), 0, voltage.data, cell * samples, samples);
        }
        return new Traces(recording.sampleMs(), recording.current().clone(), voltage);
    }

    /**
     * How fast two true traces part that begin almost alike: the root mean square of their difference, in mV, for every ms
     * from the perturbation on. No forecaster that knows the voltage this well only can be better.
     *
     * @param perturbationMv added to the voltage of the settled cells
     */
    static double[] divergence(
            Setup s, int cells, double perturbationMv, double settleMs, double forMs, Kernel kernel) {
        Ca1Simulation settling = s.cells(cells, 3 * PART, settleMs).lasting(settleMs, settleMs);
        double[] state = settling.runFixed(s.dtMs, kernel).state();
        double[] perturbed = state.clone();
        for (int cell = 0; cell < cells; cell++) {
            perturbed[cell] += perturbationMv; // V is the first variable
        }
        Ca1Simulation going = settling.lasting(forMs, s.sampleMs);
        double[] a = going.from(state).runFixed(s.dtMs, kernel).voltage();
        double[] b = going.from(perturbed).runFixed(s.dtMs, kernel).voltage();
        int perMs = Math.max(1, (int) Math.rint(1 / s.sampleMs)) * cells;
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
