package org.spikecast.kernel.internal;

import static java.lang.Math.fma;

import java.util.Arrays;
import org.spikecast.kernel.Kernel;

/**
 * The products and sums of {@link Kernel} in plain loops: their definition, in the order that decides the bits.
 * Nothing is arranged for speed; tests hold the tiled products of every provider to the same bits.
 */
public final class PlainProducts {
    private PlainProducts() {}

    public static void affine(PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        int xRows = x.rows() / (y.rows() / w.rows());
        for (int i = 0; i < y.rows(); i++) {
            int block = i / w.rows();
            int row = i % w.rows();
            for (int j = 0; j < y.columns(); j++) {
                double sum = b == null ? a[row] : a[row] + b[row];
                for (int p = 0; p < xRows; p++) {
                    sum = fma(w.get(row, p), at(x, block * xRows + p, j), sum);
                }
                for (int p = 0; h != null && p < h.rows(); p++) {
                    sum = fma(w.get(row, xRows + p), at(h, p, j), sum);
                }
                y.data()[index(y, i, j)] = sum;
            }
        }
    }

    public static void multiply(PackedMatrix a, MatrixView x, MatrixView y) {
        for (int i = 0; i < y.rows(); i++) {
            int block = i / a.rows();
            int row = i % a.rows();
            for (int j = 0; j < y.columns(); j++) {
                double sum = at(y, i, j);
                for (int p = 0; p < a.inner(); p++) {
                    sum = fma(a.get(row, p), at(x, block * a.inner() + p, j), sum);
                }
                y.data()[index(y, i, j)] = sum;
            }
        }
    }

    public static void outerProducts(boolean add, int blocks, MatrixView y, MatrixView x, double[] a) {
        int rows = y.rows() / blocks;
        int xRows = x.rows() / blocks;
        for (int i = 0; i < rows; i++) {
            for (int p = 0; p < xRows; p++) {
                double sum = add ? a[i * xRows + p] : 0;
                for (int s = 0; s < blocks; s++) {
                    for (int j = 0; j < y.columns(); j++) {
                        sum = fma(at(y, s * rows + i, j), at(x, s * xRows + p, j), sum);
                    }
                }
                a[i * xRows + p] = sum;
            }
        }
    }

    public static void rowSums(boolean add, int blocks, MatrixView y, double[] r, double[] q) {
        int rows = y.rows() / blocks;
        if (!add) {
            Arrays.fill(r, 0, rows, 0);
            Arrays.fill(q == null ? r : q, 0, rows, 0);
        }
        double[] lanes = new double[Kernel.LANES];
        for (int i = 0; i < y.rows(); i++) {
            Arrays.fill(lanes, 0);
            for (int j = 0; j < y.columns(); j++) {
                lanes[j % Kernel.LANES] += at(y, i, j);
            }
            double sum = halved(lanes);
            r[i % rows] += sum;
            if (q != null) {
                q[i % rows] += sum;
            }
        }
    }

    public static double sumOfSquares(int n, double[] x) {
        double[] lanes = new double[Kernel.LANES];
        for (int j = 0; j < n; j++) {
            lanes[j % Kernel.LANES] = fma(x[j], x[j], lanes[j % Kernel.LANES]);
        }
        return halved(lanes);
    }

    private static double halved(double[] lanes) {
        for (int half = lanes.length / 2; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) {
                lanes[j] += lanes[j + half];
            }
        }
        return lanes[0];
    }

    private static double at(MatrixView x, int row, int column) {
        return x.data()[index(x, row, column)];
    }

    private static int index(MatrixView x, int row, int column) {
        return x.offset() + row * x.columns() + column;
    }
}
