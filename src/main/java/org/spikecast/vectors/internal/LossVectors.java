package org.spikecast.vectors.internal;

import java.nio.file.Path;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.train.LossFunction;
import org.spikecast.train.Losses;
import org.spikecast.vectors.internal.Vectors.Tally;

/** Stored values and gradients of loss functions alone. */
final class LossVectors {
    private LossVectors() {}

    /** The loss function of a case; the mean squared error where it names none. */
    static LossFunction loss(VectorCase c) {
        return c.has("loss_function") ? Losses.of(c.text("loss_function")) : Losses.MEAN_SQUARED_ERROR;
    }

    static void replay(VectorCase c, Path folder, Tally tally) {
        String id = c.text("id");
        LossFunction loss = loss(c);
        DMatrixRMaj output = row(c.array("output"));
        DMatrixRMaj target = row(c.array("target"));
        DMatrixRMaj gradient = output.createLike();
        double value = loss.evaluate(Kernel.best(), output, target, gradient);
        tally.compare(Bound.LOSS, id, new double[] {value}, new double[] {c.number("loss")});
        tally.compare(Bound.LOSS_GRADIENTS, id, gradient.data, c.array("gradient"));

        int n = output.numCols;
        double[] dual = new double[n];
        DMatrixRMaj both = new DMatrixRMaj(1, 2 * n);
        System.arraycopy(output.data, 0, both.data, 0, n);
        for (int j = 0; j < n; j++) {
            both.data[n + j] = 1;
            dual[j] = loss.derivative(both, target);
            both.data[n + j] = 0;
        }
        tally.compare(Bound.LOSS_DUAL, id, dual, c.array("gradient"));
    }

    private static DMatrixRMaj row(double[] values) {
        return new DMatrixRMaj(1, values.length, true, values);
    }
}
