package org.spikecast.train.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.decomposition.qr.QRDecompositionHouseholderColumn_DDRM;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.PackedMatrix;
import org.spikecast.params.ParameterSet;
import org.spikecast.train.Optimiser;

/**
 * SOAP (Vyas, Morwani, Zhao, Kwun, Shapira, Brandfonbrener, Janson and Kakade, ICLR 2025): {@link Adam} in the
 * eigenbasis of Shampoo's preconditioners, in which the entries of a gradient are nearly uncorrelated. For a matrix of
 * parameters Theta (rows x columns) with gradient G:
 *
 * <pre>{@code
 *  (1) L <- beta L + G G'                                R <- beta R + G' G
 *  (2) every K updates  P <- orthonormal(L P + e P)      Q <- orthonormal(R Q + e Q)      e = 1e-12 of the mean eigenvalue
 *                       M <- P_new' (P M Q') Q_new       Adam's first moment, in the new basis; the second one stays
 *  (3) D = what Adam adds for the gradient P' G Q
 *  (4) Theta <- (1 - lr decay) Theta + P D Q'
 * }</pre>
 *
 * <p>L and P are rows x rows, R and Q columns x columns. By (2), one step of orthogonal iteration, the columns of P
 * and Q approach the eigenvectors of L and R. A side that is longer than {@value #MAX_DIMENSION}, or 1, keeps P = I.
 *
 * <p>Consecutive matrices and vectors of the same number of rows, up to the last vector, are one matrix, side by side.
 * In a layer of an LSTM this is (W_ih W_hh b_ih b_hh).
 *
 * <p>The authors' program has another order: it projects before (1) and (2), so that G never enters the basis that it is
 * projected to. There the first gradient gives the basis and no step; here P and Q begin as identities, so that the first
 * K - 1 updates are Adam's. It sorts the eigenvectors now and then, and multiplies G G' by 1 - beta, which changes nothing.
 */
public final class Soap implements Optimiser {
    /**
     * The constants of the method.
     *
     * @param adam the constants of Adam in (3); its weight decay must be decoupled
     * @param beta decay of L and R
     * @param interval K, updates from one change of the basis to the next
     */
    public record Options(Adam.Options adam, double beta, int interval) {
        public Options {
            Require.atLeast(1, interval, "updates from one change of the basis to the next");
            if (!(beta >= 0 && beta < 1)) {
                throw new IllegalArgumentException("SOAP's beta: expected 0 to 1, got " + beta);
            }
            if (adam.weightDecay() != 0 && !adam.decoupled()) {
                throw new IllegalArgumentException("SOAP has no L2 penalty, only decoupled weight decay");
            }
        }

        /** The paper's beta, and the constants of Adam that trained an autoregressive network best. */
        public static Options usual(double weightDecay) {
            return new Options(new Adam.Options(0.9, 0.98, 1e-12, weightDecay, true), 0.95, 5);
        }
    }

    /** A larger basis takes longer than the gradient. */
    private static final int MAX_DIMENSION = 512;

    /** e of (2), by the mean eigenvalue: without it rounding would determine the basis where there was no gradient. */
    private static final double FLOOR = 1e-12;

    private final Kernel kernel;
    private final ParameterSet parameters;
    private final Options options;
    private final List<Group> groups = new ArrayList<>();

    /** P' G Q and D of each group. */
    private final ParameterSet projected;

    private final ParameterSet step;
    private final Adam adam;

    /** L and R of each group, P and Q. */
    private final ParameterSet preconditioners;

    private final ParameterSet bases;

    /** An optimiser of these parameters in its initial state. */
    public Soap(Kernel kernel, ParameterSet parameters, Options options) {
        this.kernel = kernel;
        this.parameters = parameters;
        this.options = options;
        ParameterSet.Builder matrix = new ParameterSet.Builder();
        ParameterSet.Builder preconditioner = new ParameterSet.Builder();
        ParameterSet.Builder basis = new ParameterSet.Builder();
        int blocks = parameters.blocks().size();
        for (int first = 0; first < blocks; ) {
            int end = first + 1;
            while (end < blocks && belongsTo(end - 1, end)) {
                end++;
            }
            Group group = new Group(first, end, preconditioner, basis);
            groups.add(group);
            matrix.matrix(group.name(), group.rows.n, group.columns.n);
            first = end;
        }
        projected = matrix.build();
        step = projected.zerosLike();
        preconditioners = preconditioner.build();
        bases = basis.build();
        Adam.Options o = options.adam();
        adam = new Adam(kernel, step, new Adam.Options(o.beta1(), o.beta2(), o.epsilon(), 0, true));
    }

    /** Whether a block belongs to the group of the block before it. */
    private boolean belongsTo(int before, int block) {
        ParameterSet.Block a = parameters.blocks().get(before);
        ParameterSet.Block b = parameters.blocks().get(block);
        return a.matrix().numRows == b.matrix().numRows && (a.shape().length > 1 || b.shape().length == 1);
    }

    @Override
    public void update(ParameterSet gradient, double learningRate) {
        parameters.requireSameShapes(gradient);
        boolean change = (updates() + 1) % options.interval == 0;
        for (int j = 0; j < groups.size(); j++) {
            Group group = groups.get(j);
            group.gather(gradient);
            group.accumulate();
            if (change) {
                group.changeBasis(adam.firstMoment().blocks().get(j).matrix());
            }
            group.project(group.gradient, projected.blocks().get(j).matrix());
        }
        step.setZero();
        adam.update(projected, learningRate); // (3)
        double shrink = 1 - learningRate * options.adam.weightDecay();
        for (int j = 0; j < groups.size(); j++) {
            DMatrixRMaj d = step.blocks().get(j).matrix();
            groups.get(j).projectBack(d, d);
            groups.get(j).add(shrink, d); // (4)
        }
    }

    @Override
    public long updates() {
        return adam.updates();
    }

    @Override
    public Map<String, ParameterSet> memory() {
        Map<String, ParameterSet> memory = new LinkedHashMap<>(adam.memory());
        memory.put("soap.preconditioners", preconditioners);
        memory.put("soap.bases", bases);
        return memory;
    }

    @Override
    public void resume(long updates) {
        adam.resume(updates);
        for (Group group : groups) {
            group.rows.pack();
            group.columns.pack();
        }
    }

    /** Blocks that are one matrix. */
    private final class Group {
        private final int first;
        private final int end;
        private final DMatrixRMaj gradient;
        private final Side rows;
        private final Side columns;
        private final DMatrixRMaj halfway;
        private final DMatrixRMaj transposed;
        private final DMatrixRMaj product;

        Group(int first, int end, ParameterSet.Builder preconditioners, ParameterSet.Builder bases) {
            this.first = first;
            this.end = end;
            int height = parameters.blocks().get(first).matrix().numRows;
            int width = 0;
            for (int b = first; b < end; b++) {
                width += parameters.blocks().get(b).matrix().numCols;
            }
            gradient = new DMatrixRMaj(height, width);
            halfway = gradient.createLike();
            transposed = new DMatrixRMaj(width, height);
            product = transposed.createLike();
            rows = new Side(name() + ".rows", height, width, preconditioners, bases);
            columns = new Side(name() + ".columns", width, height, preconditioners, bases);
        }

        String name() {
            return parameters.blocks().get(first).name();
        }

        /** Puts the blocks of a gradient side by side. */
        void gather(ParameterSet blocks) {
            int column = 0;
            for (int b = first; b < end; b++) {
                DMatrixRMaj block = blocks.blocks().get(b).matrix();
                CommonOps_DDRM.insert(block, gradient, 0, column);
                column += block.numCols;
            }
        }

        /** (1). */
        void accumulate() {
            rows.accumulate(gradient);
            CommonOps_DDRM.transpose(gradient, transposed);
            columns.accumulate(transposed);
        }

        /** Theta = shrink Theta + D, block by block. */
        void add(double shrink, DMatrixRMaj d) {
            int column = 0;
            for (int b = first; b < end; b++) {
                DMatrixRMaj theta = parameters.blocks().get(b).matrix();
                for (int i = 0; i < theta.numRows; i++) {
                    int at = i * theta.numCols;
                    int from = i * d.numCols + column;
                    for (int j = 0; j < theta.numCols; j++) {
                        theta.data[at + j] = shrink * theta.data[at + j] + d.data[from + j];
                    }
                }
                column += theta.numCols;
            }
        }

        /** (2). */
        void changeBasis(DMatrixRMaj moment) {
            projectBack(moment, moment);
            rows.changeBasis();
            columns.changeBasis();
            project(moment, moment);
        }

        /** To = P' From Q; the two may be the same. */
        void project(DMatrixRMaj from, DMatrixRMaj to) {
            multiply(true, from, to);
        }

        /** To = P From Q'; the two may be the same. */
        void projectBack(DMatrixRMaj from, DMatrixRMaj to) {
            multiply(false, from, to);
        }

        private void multiply(boolean in, DMatrixRMaj from, DMatrixRMaj to) {
            rows.multiply(in, from, halfway);
            CommonOps_DDRM.transpose(halfway, transposed); // times Q from the right is Q' from the left
            columns.multiply(in, transposed, product);
            CommonOps_DDRM.transpose(product, to);
        }
    }

    /** The rows or the columns of a matrix: n of them, with L and P or with R and Q. */
    private final class Side {
        private final int n;
        private final int others;
        private final boolean fixed;
        private final DMatrixRMaj preconditioner;
        private final DMatrixRMaj basis;
        private final DMatrixRMaj next;
        private final PackedMatrix packed;
        private final PackedMatrix packedTransposed;

        /** Views of what is multiplied. */
        private final MatrixView left;

        private final MatrixView right;
        private final MatrixView ofBasis;
        private final MatrixView ofNext;
        private final QRDecompositionHouseholderColumn_DDRM qr = new QRDecompositionHouseholderColumn_DDRM();

        Side(String name, int n, int others, ParameterSet.Builder preconditioners, ParameterSet.Builder bases) {
            this.n = n;
            this.others = others;
            fixed = n == 1 || n > MAX_DIMENSION;
            int size = fixed ? 0 : n;
            preconditioner = preconditioners.matrix(name, size, size);
            basis = bases.matrix(name, size, size);
            CommonOps_DDRM.setIdentity(basis);
            next = basis.createLike();
            packed = new PackedMatrix(size, size);
            packedTransposed = new PackedMatrix(size, size);
            left = new MatrixView(null, n, others);
            right = new MatrixView(null, n, others);
            ofBasis = new MatrixView(basis.data, size, size);
            ofNext = new MatrixView(next.data, size, size);
            pack();
        }

        void pack() {
            packed.pack(basis.data);
            packedTransposed.packTransposed(basis.data);
        }

        /** {@code L <- beta L + G G'} for G (n x others). */
        void accumulate(DMatrixRMaj g) {
            if (!fixed) {
                CommonOps_DDRM.scale(options.beta, preconditioner);
                left.moveTo(g.data);
                kernel.outerProducts(true, 1, left, left, preconditioner.data, null);
            }
        }

        /** {@code P <- orthonormal(L P + e P)}. */
        void changeBasis() {
            double floor = fixed ? 0 : FLOOR * CommonOps_DDRM.trace(preconditioner) / n;
            if (!(floor > 0 && floor < Double.POSITIVE_INFINITY)) {
                return; // the gradient was zero or not finite
            }
            CommonOps_DDRM.scale(floor, basis, next);
            packed.pack(preconditioner.data);
            kernel.multiply(packed, ofBasis, ofNext);
            qr.decompose(next);
            qr.getQ(basis, false);
            pack();
        }

        /** To = P' From, or P From. */
        void multiply(boolean in, DMatrixRMaj from, DMatrixRMaj to) {
            if (fixed) {
                to.setTo(from);
            } else {
                to.zero();
                left.moveTo(from.data);
                right.moveTo(to.data);
                kernel.multiply(in ? packedTransposed : packed, left, right);
            }
        }
    }
}
