package org.spikecast.vectors.internal;

import java.nio.file.Path;
import java.util.Map;
import org.spikecast.inspect.Recording;
import org.spikecast.io.NdArray;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.Cell;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.model.Forecaster;
import org.spikecast.vectors.internal.Vectors.Subject;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored records of whole runs: every pre-activation, gate and state, and every gradient. */
record RecordingVectors(Cell cell, Bound forward, Bound gradients) implements Subject {
    @Override
    public void replay(VectorCase c, Path folder, Tally tally) {
        String id = c.text("id");
        NetworkParameters p = NetworkVectors.parameters(cell, c, "parameters");
        Map<String, NdArray> record = Recording.of(
                        Kernel.best(),
                        Forecaster.bare(p),
                        c.array("input"),
                        c.integer("batch"),
                        c.integer("steps"),
                        c.flag("all_steps"),
                        NetworkVectors.state(c, p.config()),
                        c.array("target"))
                .arrays();
        tally.compare(forward, id, record.get("loss").doubles(), new double[] {c.number("loss")});
        c.object("record").arrays().forEach((name, expected) -> {
            tally.compare(
                    name.startsWith("d_") ? gradients : forward,
                    id,
                    record.get(name).doubles(),
                    expected.doubles());
        });
    }
}
