package org.spikecast.neuron;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.spikecast.io.Json;

/** Replays test-vectors/lif. */
class LifVectorsTest {
    /** What every result is to keep, relative. */
    private static final double BOUND = 1e-12;

    /**
     * The types of cases, one file each, with the number of results and the largest relative error among them. It is
     * the same everywhere, as the bits are; whoever changes an expression or the vectors states it anew.
     */
    private enum Type {
        F_I("f-i", 145, 2.62e-16) {
            @Override
            void replay(Case c, Results results) {
                LifParameters lif = new LifParameters(c.number("tau_l"), c.number("tau_ref"));
                double[] currents = c.array("currents");
                for (int i = 0; i < currents.length; i++) {
                    results.compare(c, "rates", i, new ConstantCurrent(lif, currents[i]).rate());
                }
            }
        },
        FIRST_SPIKE("first-spike", 144, 2.28e-16) {
            @Override
            void replay(Case c, Results results) {
                ConstantCurrent flow = constantCurrent(c);
                double[] v0 = c.array("v0");
                for (int i = 0; i < v0.length; i++) {
                    results.compare(c, "time", i, flow.timeToThreshold(v0[i]));
                }
            }
        },
        SUBTHRESHOLD("subthreshold", 288, 2.32e-15) {
            @Override
            void replay(Case c, Results results) {
                ConstantCurrent flow = constantCurrent(c);
                assertEquals(Double.POSITIVE_INFINITY, flow.timeToThreshold(c.number("v0")), c.id());
                double[] times = c.array("times");
                for (int i = 0; i < times.length; i++) {
                    results.compare(c, "voltages", i, flow.voltage(c.number("v0"), times[i]));
                }
            }
        },
        EXPONENTIAL_SYNAPSE("exponential-synapse", 277, 1.395e-14) {
            @Override
            void replay(Case c, Results results) {
                compareSynapse(c, new Synapse.Exponential(c.number("tau_s")), results);
            }
        },
        ALPHA_SYNAPSE("alpha-synapse", 277, 1.393e-14) {
            @Override
            void replay(Case c, Results results) {
                compareSynapse(c, new Synapse.Alpha(c.number("tau_s")), results);
            }
        },
        DELAYED_RING("delayed-ring", 292, 9.98e-16) {
            @Override
            void replay(Case c, Results results) {
                LifParameters lif = new LifParameters(c.number("tau_l"), c.number("tau_ref"));
                DelayedNetwork network = new DelayedNetwork(lif, c.array("currents"), c.connections());
                DelayedNetwork.Spikes spikes = network.run(c.array("v0"), c.number("duration"));
                assertArrayEquals(c.indices("spike_neuron"), spikes.neurons(), c.id());
                for (int s = 0; s < spikes.times().length; s++) {
                    results.compare(c, "spike_time", s, spikes.times()[s]);
                }
            }
        },
        GRID("grid", 135, 3.22e-15) {
            @Override
            void replay(Case c, Results results) {
                LifParameters lif = new LifParameters(c.number("tau_l"), c.number("tau_ref"));
                LifPopulation population = new LifPopulation(lif, 1, c.number("dt"), Scheme.EXACT);
                Drive drive = Drive.constant(c.number("current"), population);
                int steps = (int) c.number("steps");
                LifSimulation run = LifSimulation.run(population, drive, steps * population.dt());
                assertArrayEquals(c.indices("spike_steps"), run.spikes().spikeSteps(), c.id());
                int[] points = c.indices("grid_points");
                for (int i = 0; i < points.length; i++) {
                    results.compare(c, "voltages", i, run.voltage()[points[i]]);
                }
            }
        };

        final String file;
        final int results;
        final double measured;

        Type(String file, int results, double measured) {
            this.file = file;
            this.results = results;
            this.measured = measured;
        }

        abstract void replay(Case c, Results results);

        private static ConstantCurrent constantCurrent(Case c) {
            return new ConstantCurrent(new LifParameters(c.number("tau_l"), 0), c.number("current"));
        }

        private static void compareSynapse(Case c, Synapse synapse, Results results) {
            double[] times = c.array("times");
            for (int i = 0; i < times.length; i++) {
                double v = synapse.potential(times[i], c.number("weight"), c.number("tau_l"));
                results.compare(c, "voltages", i, v);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void resultsAreThoseOfTheVectors(Type type) throws IOException {
        Results results = new Results();
        Map<?, ?> document = (Map<?, ?>) Json.read(Path.of("test-vectors", "lif", type.file + ".json"));
        assertEquals("lif", document.get("kind"));
        for (Object element : (List<?>) document.get("cases")) {
            Case c = new Case((Map<?, ?>) element);
            assertEquals(type.file, c.json.get("type"), c.id());
            type.replay(c, results);
        }
        assertEquals(type.results, results.count);
        String report = type + ": relative error of " + results.worst + " at " + results.worstAt;
        assertTrue(results.worst <= BOUND, report);
        assertEquals(type.measured, results.worst, 0.01e-15, report);
    }

    /** Counts comparisons and keeps the largest relative error. */
    private static final class Results {
        int count;
        double worst;
        String worstAt = "none";

        void compare(Case c, String array, int i, double actual) {
            BigDecimal exact = c.digits(array, i);
            assertEquals(
                    c.array(array)[i], exact.doubleValue(), c.id() + ": data and digits of " + array + " disagree");
            count++;
            if (exact.signum() == 0) {
                assertTrue(actual == 0, c.id() + ", " + array + " " + i); // of either sign
                return;
            }
            double error = new BigDecimal(actual)
                    .subtract(exact)
                    .divide(exact, MathContext.DECIMAL64)
                    .abs()
                    .doubleValue();
            if (error > worst) {
                worst = error;
                worstAt = c.id() + ", " + array + " " + i;
            }
        }
    }

    /** A case of a file, with its members by name. */
    private record Case(Map<?, ?> json) {
        String id() {
            return (String) json.get("id");
        }

        double number(String name) {
            return ((Number) json.get(name)).doubleValue();
        }

        double[] array(String name) {
            return list(name, "data").stream()
                    .mapToDouble(x -> ((Number) x).doubleValue())
                    .toArray();
        }

        int[] indices(String name) {
            return list(name, "data").stream()
                    .mapToInt(x -> ((Long) x).intValue())
                    .toArray();
        }

        BigDecimal digits(String name, int i) {
            return new BigDecimal((String) list(name, "digits").get(i));
        }

        List<DelayedNetwork.Connection> connections() {
            List<DelayedNetwork.Connection> connections = new ArrayList<>();
            for (Object element : (List<?>) json.get("connections")) {
                Case c = new Case((Map<?, ?>) element);
                int target = (int) c.number("target");
                int source = (int) c.number("source");
                connections.add(new DelayedNetwork.Connection(target, source, c.number("weight"), c.number("delay")));
            }
            return connections;
        }

        private List<?> list(String name, String member) {
            Map<?, ?> array = (Map<?, ?>) json.get(name);
            List<?> elements = (List<?>) array.get(member);
            assertEquals(List.of((long) elements.size()), array.get("shape"), id() + ", " + name);
            return elements;
        }
    }
}
