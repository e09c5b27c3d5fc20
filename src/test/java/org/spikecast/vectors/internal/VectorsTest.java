package org.spikecast.vectors.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spikecast.io.MalformedFileException;

class VectorsTest {
    private static final Path STORED = Path.of("test-vectors");

    @TempDir
    private Path folder;

    @Test
    void everyStoredVectorIsMetAsCloselyAsTheTableSays() throws IOException {
        EnumSet<Bound> unseen = EnumSet.allOf(Bound.class);
        for (Vectors.Result result : Vectors.replay(STORED)) {
            Bound bound = result.bound();
            unseen.remove(bound);
            assertEquals(List.of(), result.failures(), bound.subject());
            // The bits are the same everywhere, so the table can say how close it is, to the digits that it prints.
            double measured = bound.measured();
            assertEquals(
                    measured, result.worst(), 0.051 * Math.max(measured, 1e-300), bound + " at " + result.worstCase());
        }
        assertEquals(EnumSet.noneOf(Bound.class), unseen);
    }

    /** A subject that cannot fail proves nothing: each must notice a number, a flag or a byte that is wrong. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lstm/mpmath.json | \"loss\":0.0237 | \"loss\":0.1237 | LSTM_FORWARD",
                "lstm/mpmath.json | \"output\":{\"data\":[-0.37 | \"output\":{\"data\":[-0.38 | LSTM_FORWARD",
                "lstm/mpmath.json | \"hn\":{\"data\":[-0.14 | \"hn\":{\"data\":[-0.15 | LSTM_FORWARD",
                "lstm/mpmath.json | \"cn\":{\"data\":[-0.33 | \"cn\":{\"data\":[-0.34 | LSTM_FORWARD",
                "lstm/mpmath.json | \"fc.bias\":{\"data\":[-0.3080 | \"fc.bias\":{\"data\":[-0.3081 | LSTM_GRADIENTS",
                "lstm/pytorch-several-states.json | \"loss\":0. | \"loss\":1. | LSTM_FORWARD",
                "lstm/pytorch-poisson.json | \"loss_function\":\"poisson\" | \"loss_function\":\"mse\" | LSTM_FORWARD",
                "lstm/pytorch-bernoulli.json | \"loss_function\":\"bernoulli\" | \"loss_function\":\"mse\" | LSTM_GRADIENTS",
                "loss/poisson.json | \"loss_function\":\"poisson\" | \"loss_function\":\"mse\" | LOSS",
                "loss/bernoulli.json | \"loss_function\":\"bernoulli\" | \"loss_function\":\"poisson\" | LOSS_DUAL",
                "loss/bernoulli.json | \"gradient\":{\"data\":[-1 | \"gradient\":{\"data\":[1 | LOSS_GRADIENTS",
                "optimiser/adam.json | \"weight_decay\":0.0 | \"weight_decay\":1e-3 | OPTIMISER",
                "optimiser/clipping.json | \"norm\":0.5 | \"norm\":0.6 | OPTIMISER",
                "training/training.json | \"lr\":0. | \"lr\":1. | TRAINING_LOSSES",
                "lif/f-i.json | \"tau_ref\":1.0 | \"tau_ref\":2.0 | LIF",
                "lif/grid.json | \"tau_ref\":1.0 | \"tau_ref\":2.0 | LIF_GRID",
                "lif/delayed-ring.json | \"tau_ref\":1.0 | \"tau_ref\":2.0 | LIF_DELAYED_RING",
                "training/training.json | \"norms\":{\"data\":[0.4 | \"norms\":{\"data\":[0.5 | TRAINING_NORMS",
                "training/training.json | \"fc.bias\":{\"data\":[0.18755 | \"fc.bias\":{\"data\":[0.1 | TRAINING_PARAMETERS",
                "forced-run/forced-run.json | \"loss\":0.01058 | \"loss\":0.01059 | FORCED_RUN",
                "forced-run/forced-run.json | \"hn\":{\"data\":[0.2433 | \"hn\":{\"data\":[0.2434 | FORCED_RUN",
                "forced-run/forced-run.json | \"cn\":{\"data\":[0.4481 | \"cn\":{\"data\":[0.4482 | FORCED_RUN",
                "forced-run/forced-run.json | \"mv_per_unit\":21 | \"mv_per_unit\":22 | FORCED_RUN",
                "forced-run/forced-run.json | \"learned\":{\"data\":[0 | \"learned\":{\"data\":[1 | FORCED_RUN",
                "forced-run/forced-run.json | \"fc.bias\":{\"data\":[0.02297 | \"fc.bias\":{\"data\":[0.02298"
                        + " | FORCED_RUN_GRADIENTS",
                "coupled/mpmath.json | \"loss\":1.2 | \"loss\":1.3 | COUPLED",
                "coupled/mpmath.json | \"probabilities\":{\"data\":[0. | \"probabilities\":{\"data\":[1. | COUPLED",
                "coupled/pytorch.json | \"cap\":1.1 | \"cap\":1.2 | COUPLED",
                "coupled/pytorch.json | \"stage_loss\":0.3 | \"stage_loss\":0.2 | COUPLED_GRADIENTS",
                "coupled/pytorch.json | \"trace_loss\":0.3 | \"trace_loss\":0.2 | COUPLED_GRADIENTS",
                "coupled/pytorch.json | \"mean_external\":0.65 | \"mean_external\":0.6 | COUPLED",
                "lstm/pytorch-module.json | \"output_all\":{\"data\":[-0 | \"output_all\":{\"data\":[-1 | LSTM_FORWARD",
                "lstm/pytorch-module.json | \"loss\":0.8 | \"loss\":0.9 | LSTM_FORWARD",
                "glm/glm.json | \"constants\":{\"data\":[-2.4436 | \"constants\":{\"data\":[-2.4437 | GLM",
                "glm/glm.json | \"filters\":{\"data\":[-0.19308 | \"filters\":{\"data\":[-0.19309 | GLM",
                "glm/glm.json | \"forecast\":{\"data\":[0.10118 | \"forecast\":{\"data\":[0.10119 | GLM",
                "glm/glm.json | _messages\":{\"data\":[0.11320 | _messages\":{\"data\":[0.11321 | GLM",
                "glm/glm.json | \"penalty\":100.0 | \"penalty\":10.0 | GLM",
                "glm/glm.json | \"external\":{\"data\":[0,2,0 | \"external\":{\"data\":[0,2,1 | GLM",
                "scores/scores.json | \"bits_per_spike\":0.494234 | \"bits_per_spike\":0.494235 | SCORES",
                "scores/scores.json | \"auc_standard_error\":0.033119 | \"auc_standard_error\":0.033110 | SCORE_ERRORS",
                "scores/scores.json | \"calibration_slope\":0.842362 | \"calibration_slope\":0.842363 | SCORES",
                "lif/first-spike.json | [184.2 | [185.2 | LIF",
                "lif/subthreshold.json | ,0.59850 | ,0.59860 | LIF",
                "lif/exponential-synapse.json | ,0.25338 | ,0.25348 | LIF",
                "lif/alpha-synapse.json | ,0.04624 | ,0.04634 | LIF",
                "lif/delayed-ring.json | [2,0,1,2,0,1,2,0,2 | [2,0,1,2,0,1,2,1,2 | LIF_DELAYED_RING",
                "lif/delayed-ring.json | [25.0 | [25.1 | LIF_DELAYED_RING",
                "lif/event-ring.json | \"delay\":0.05 | \"delay\":0.06 | LIF_EVENT_RING",
                "lif/event-ring.json | [2.1216, | [2.1217, | LIF_EVENT_RING",
                "lif/event-ring.json | [6,2,3,4,10 | [6,2,3,4,11 | LIF_EVENT_RING",
                "lif/event-ring.json | [0.81982493 | [0.81982494 | LIF_EVENT_RING_VOLTAGE",
                "lif/grid.json | [716,1452 | [717,1452 | LIF_GRID",
                "ode/step.json | \"h\":0.1 | \"h\":0.2 | ODE_STEP",
                "ode/step.json | \"y_new\":{\"data\":[1.7561 | \"y_new\":{\"data\":[1.7562 | ODE_STEP",
                "ode/step.json | \"estimate\":{\"data\":[-4 | \"estimate\":{\"data\":[4 | ODE_STEP",
                "ode/step.json | {\"data\":[1.9677 | {\"data\":[1.9678 | ODE_DENSE",
                "ode/solution.json | \"states\":{\"data\":[1.75 | \"states\":{\"data\":[1.76 | ODE_SOLUTION",
                "ode/crossing.json | \"level\":0.5, | \"level\":0.6, | ODE_CROSSING",
                "ode/crossing.json | \"level\":1.25 | \"level\":0.25 | ODE_CROSSING",
                "ca1/derivative.json | \"current\":2 | \"current\":3 | CA1_DERIVATIVE",
                "ca1/derivative.json | \"g_nap\":0.2 | \"g_nap\":0.3 | CA1_DERIVATIVE",
                "ca1/trajectory.json | [41.38372 | [41.38374 | CA1_SPIKES",
                "ca1/trajectory.json | [41.38372227616277,43. | [41.38372227616277,33. | CA1_RK4_SPIKES",
                "ca1/trajectory.json | 41.38372227616277, | 43.353159128027094, | CA1_SPIKES",
                "ca1/trajectory.json | \"states\":{\"data\":[-65.18 | \"states\":{\"data\":[-65.19 | CA1_STATES",
                "ca1/settled.json | \"gap\":125.9 | \"gap\":125.8 | CA1_SETTLED",
                "lif/grid.json | ,0.0059850 | ,0.0059950 | LIF_GRID",
                "elementary/exp.csv | 710.0,Infinity | 710.0,1e308 | EXP",
                "elementary/exp.csv | -Infinity,0.0,0.0 | -Infinity,1.0,1.0 | EXP",
                "elementary/log.csv | -Infinity,NaN,NaN | -Infinity,0.0,0.0 | LOG",
                "elementary/sigma.csv | 0.0,0.5,5.0e-1 | 0.0,0.25,0.25 | SIGMA",
                "rejected/npy.json | \"valid\":false | \"valid\":true | FILES",
                "rejected/npz.json | \"valid\":true | \"valid\":false | FILES",
                "rejected/safetensors.json | \"valid\":true | \"valid\":false | FILES",
                "elementary/tanh.csv | ,1.0,1.0 | ,0.9,0.9 | TANH",
                "differences/lstm.json | \"order\":2 | \"order\":4 | LSTM_DIFFERENCES"
            })
    void aWrongVectorFails(String file, String right, String wrong, Bound bound) throws IOException {
        String text = Files.readString(STORED.resolve(file));
        assertTrue(text.contains(right), file + " no longer holds " + right);
        Path copy = folder.resolve(Path.of(file).getFileName());
        Files.writeString(copy, text.replace(right, wrong));
        Files.copy(STORED.resolve("lstm/pytorch-module.safetensors"), folder.resolve("pytorch-module.safetensors"));
        Files.copy(
                STORED.resolve("lstm/pytorch-module-float32.safetensors"),
                folder.resolve("pytorch-module-float32.safetensors"));
        boolean failed = false;
        for (Vectors.Result result : Vectors.replay(folder)) {
            failed |= result.bound() == bound && !result.failures().isEmpty();
        }
        assertTrue(failed, "not noticed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x.csv | x,y,exact | expected a table named after one of",
                "exp.csv | 1.0,2.7 | expected x,y,exact, got '1.0,2.7'",
                "x.json | [1] | expected a JSON object, got [1]",
                "x.json | {\"kind\":1} | 'kind': expected a String, got 1",
                "x.json | {\"kind\":\"lif\",\"cases\":[{\"id\":\"a\",\"type\":\"b\"}]} | there is no type 'b'",
                "x.json | {\"kind\":\"lstm\",\"cases\":[{\"id\":\"a\",\"inputs\":1.5}]} | 'inputs': expected a whole number"
            })
    void aMalformedFileIsNamedWithItsFault(String name, String content, String fault) throws IOException {
        Files.writeString(folder.resolve(name), content);
        String message = assertThrows(MalformedFileException.class, () -> Vectors.replay(folder))
                .getMessage();
        assertTrue(message.contains(name) && message.contains(fault), message);
    }

    @Test
    void schemasAreNoVectors() throws IOException {
        Files.writeString(folder.resolve("lstm.schema.json"), "{}");
        Files.writeString(folder.resolve("notes.txt"), "");
        assertThrows(MalformedFileException.class, () -> Vectors.replay(folder));
        Files.writeString(
                folder.resolve("exp.csv"), "x,y,exact\n0.0,1.0,1.0\n1.0,2.718281828459045,2.7182818284590452\n");
        List<Vectors.Result> results = Vectors.replay(folder);
        assertEquals(1, results.size());
        assertEquals(Bound.EXP, results.get(0).bound());
        assertEquals(2, results.get(0).cases());
        assertEquals("exp(1.0)", results.get(0).worstCase());
    }

    @Test
    void refusesWhatHoldsNoVectors() throws IOException {
        assertThrows(NoSuchFileException.class, () -> Vectors.replay(folder.resolve("missing")));
        assertThrows(MalformedFileException.class, () -> Vectors.replay(folder));
        Path file = folder.resolve("x.json");
        Files.writeString(file, "{\"kind\": \"unheard-of\", \"cases\": []}");
        String message = assertThrows(MalformedFileException.class, () -> Vectors.replay(folder))
                .getMessage();
        assertTrue(message.contains("unheard-of"), message);
        Files.writeString(file, "{\"kind\": \"lstm\", \"cases\": [{\"id\": \"a\"}]}");
        message = assertThrows(MalformedFileException.class, () -> Vectors.replay(folder))
                .getMessage();
        assertTrue(message.contains("case a") && message.contains("'inputs'"), message);
        assertFalse(message.contains("null pointer"));
    }
}
