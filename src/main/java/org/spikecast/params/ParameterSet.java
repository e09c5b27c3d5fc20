package org.spikecast.params;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;

/**
 * An ordered list of named matrices, seen as one flat vector. The order of declaration is the order in files, checks and
 * the optimiser. The set does not know what its matrices mean: the optimiser, clipping, the gradient check and the model
 * file need no more than names, shapes and values. A gradient is another instance with the same names and shapes.
 */
public final class ParameterSet {
    /**
     * One named matrix.
     *
     * @param name the name in files and reports
     * @param matrix the values; a vector is a matrix of one column
     * @param shape the shape in files: one number for a vector, two for a matrix
     */
    public record Block(String name, DMatrixRMaj matrix, int... shape) {
        /** The values, row by row. */
        public double[] data() {
            return matrix.data;
        }
    }

    private final List<Block> blocks;
    private final int[] ends;

    private ParameterSet(List<Block> blocks) {
        this.blocks = List.copyOf(blocks);
        ends = new int[blocks.size()];
        int end = 0;
        for (int b = 0; b < ends.length; b++) {
            end = Math.addExact(end, blocks.get(b).matrix().getNumElements());
            ends[b] = end;
        }
    }

    /** A set of these blocks. It shares their arrays: a change of the set changes the blocks. */
    public static ParameterSet of(List<Block> blocks) {
        Builder builder = new Builder();
        blocks.forEach(builder::add);
        return builder.build();
    }

    /** Declares the blocks of a set, in order. */
    public static final class Builder {
        private final List<Block> blocks = new ArrayList<>();
        private final Set<String> names = new HashSet<>();

        /** Declares a matrix of zeros. */
        public DMatrixRMaj matrix(String name, int rows, int columns) {
            return add(new Block(name, new DMatrixRMaj(rows, columns), rows, columns));
        }

        /** Declares a vector of zeros, as a matrix of one column. */
        public DMatrixRMaj vector(String name, int length) {
            return add(new Block(name, new DMatrixRMaj(length, 1), length));
        }

        private DMatrixRMaj add(Block block) {
            if (block.data().length != block.matrix().getNumElements()) {
                throw new IllegalArgumentException("Parameter '" + block.name() + "':  its matrix is allocated for  "
                        + block.data().length + " numbers but uses "
                        + block.matrix().getNumElements()
                        + "; copy it first");
            }
            if (!names.add(block.name())) {
                throw new IllegalArgumentException("Two parameters named '" + block.name() + "'");
            }
            blocks.add(block);
            return block.matrix();
        }

        /** The set of the declared blocks. */
        public ParameterSet build() {
            return new ParameterSet(blocks);
        }
    }

    /** A set of zeros with the same names and shapes. */
    public ParameterSet zerosLike() {
        List<Block> zeros = new ArrayList<>();
        for (Block b : blocks) {
            zeros.add(new Block(b.name(), new DMatrixRMaj(b.matrix().numRows, b.matrix().numCols), b.shape()));
        }
        return new ParameterSet(zeros);
    }

    /** The matrices in order of declaration. */
    public List<Block> blocks() {
        return blocks;
    }

    /** The number of entries of all blocks. */
    public int size() {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    /** Entry {@code index} of the flat vector. */
    public double get(int index) {
        int b = blockOf(index);
        return blocks.get(b).data()[index - start(b)];
    }

    /** Sets entry {@code index} of the flat vector. */
    public void set(int index, double value) {
        int b = blockOf(index);
        blocks.get(b).data()[index - start(b)] = value;
    }

    /** The number of the block that holds entry {@code index} of the flat vector. */
    public int blockOf(int index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException("parameter " + index + " of " + size());
        }
        int found = Arrays.binarySearch(ends, index);
        if (found < 0) {
            return -found - 1;
        }
        // The index is a block's end, so it belongs to a later block: the next that is not empty.
        int block = found + 1;
        while (ends[block] == index) {
            block++;
        }
        return block;
    }

    /** The index in the flat vector at which a block starts. */
    public int start(int block) {
        return block == 0 ? 0 : ends[block - 1];
    }

    /** Sets every entry to zero. */
    public void setZero() {
        for (int b = 0; b < blocks.size(); b++) { // an iterator would be an object
            blocks.get(b).matrix().zero();
        }
    }

    /** Copies every entry of a set of the same shapes. */
    public void copyFrom(ParameterSet other) {
        requireSameShapes(other);
        for (int b = 0; b < blocks.size(); b++) {
            System.arraycopy(
                    other.blocks.get(b).data(),
                    0,
                    blocks.get(b).data(),
                    0,
                    blocks.get(b).matrix().getNumElements());
        }
    }

    /** Moves every entry towards that of a set of the same shapes, by a fraction of their difference. */
    public void approach(ParameterSet other, double fraction) {
        requireSameShapes(other);
        for (int b = 0; b < blocks.size(); b++) {
            double[] to = other.blocks.get(b).data();
            double[] data = blocks.get(b).data();
            for (int j = 0; j < data.length; j++) {
                data[j] += fraction * (to[j] - data[j]);
            }
        }
    }

    /** Throws unless the other set has the same names and shapes in the same order. */
    public void requireSameShapes(ParameterSet other) {
        boolean same = blocks.size() == other.blocks.size();
        for (int b = 0; same && b < blocks.size(); b++) {
            same = blocks.get(b).name().equals(other.blocks.get(b).name())
                    && Arrays.equals(blocks.get(b).shape(), other.blocks.get(b).shape());
        }
        if (!same) {
            throw new IllegalArgumentException(
                    "Parameter sets differ: " + describe() + " expected, got " + other.describe());
        }
    }

    private String describe() {
        StringBuilder text = new StringBuilder();
        for (Block b : blocks) {
            text.append(text.isEmpty() ? "" : ", ").append(b.name()).append(Arrays.toString(b.shape()));
        }
        return text.toString();
    }
}
