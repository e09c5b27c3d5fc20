package org.spikecast.kernel;

import static java.lang.Math.fma;

import java.util.Arrays;

/**
 * The provider that is always there: plain loops, arranged so that HotSpot keeps sums in registers and vectorises what
 * it can.
 */
public class ScalarKernel implements Kernel {
    /** Below this batch, sums over the inner index in registers beat updates of whole rows. */
    private static final int SHORT_ROW = 8;

    @Override
    public String description() {
        return "scalar";
    }

    @Override
    public void fillRows(int blocks, int rows, int batch, double[] a, double[] b, double[] y) {
        for (int s = 0; s < blocks; s++) {
            for (int r = 0; r < rows; r++) {
                int row = (s * rows + r) * batch;
                Arrays.fill(y, row, row + batch, b == null ? a[r] : a[r] + b[r]);
            }
        }
    }

    @Override
    public void multiply(
            int blocks, int rows, int inner, int batch, double[] a, double[] x, int xOffset, double[] y, int yOffset) {
        for (int s = 0; s < blocks; s++) {
            int xs = xOffset + s * inner * batch;
            int ys = yOffset + s * rows * batch;
            if (batch < SHORT_ROW) {
                dots(batch, rows, inner, x, xs, 1, batch, a, 0, inner, 1, y, ys, 1, batch);
            } else {
                updateRows(rows, inner, batch, a, inner, 1, x, xs, y, ys);
            }
        }
    }

    @Override
    public void multiplyTransposed(
            int blocks, int rows, int inner, int batch, double[] a, double[] y, int yOffset, double[] x, int xOffset) {
        for (int s = 0; s < blocks; s++) {
            int xs = xOffset + s * inner * batch;
            int ys = yOffset + s * rows * batch;
            if (batch < SHORT_ROW) {
                dots(batch, inner, rows, y, ys, 1, batch, a, 0, 1, inner, x, xs, 1, batch);
            } else {
                updateRows(inner, rows, batch, a, 1, inner, y, ys, x, xs);
            }
        }
    }

    @Override
    public void addOuterProducts(
            int blocks, int rows, int inner, int batch, double[] a, double[] y, int yOffset, double[] x, int xOffset) {
        for (int s = 0; s < blocks; s++) {
            int xs = xOffset + s * inner * batch;
            int ys = yOffset + s * rows * batch;
            dots(rows, inner, batch, y, ys, batch, 1, x, xs, batch, 1, a, 0, inner, 1);
        }
    }

    /**
     * C += A B, row by row of B: row i of C takes up rows p, p+1, ... of B in ascending order. Two rows of C and four
     * of B at a time, so that what is loaded is used more than once; C and B have {@code columns} columns, element
     * (i, p) of A stands at i * rowStep + p * innerStep.
     */
    private static void updateRows(
            int rows,
            int inner,
            int columns,
            double[] a,
            int rowStep,
            int innerStep,
            double[] b,
            int bOffset,
            double[] c,
            int cOffset) {
        int p = 0;
        for (; p + 4 <= inner; p += 4) {
            int bp = bOffset + p * columns;
            int i = 0;
            for (; i + 2 <= rows; i += 2) {
                int ai = i * rowStep + p * innerStep;
                updateTwoRows(columns, a, ai, ai + rowStep, innerStep, b, bp, c, cOffset + i * columns);
            }
            if (i < rows) {
                for (int q = p; q < p + 4; q++) {
                    updateRow(
                            columns,
                            a[i * rowStep + q * innerStep],
                            b,
                            bOffset + q * columns,
                            c,
                            cOffset + i * columns);
                }
            }
        }
        for (; p < inner; p++) {
            for (int i = 0; i < rows; i++) {
                updateRow(columns, a[i * rowStep + p * innerStep], b, bOffset + p * columns, c, cOffset + i * columns);
            }
        }
    }

    private static void updateTwoRows(
            int columns, double[] a, int a0, int a1, int step, double[] b, int b0, double[] c, int c0) {
        double a00 = a[a0], a01 = a[a0 + step], a02 = a[a0 + 2 * step], a03 = a[a0 + 3 * step];
        double a10 = a[a1], a11 = a[a1 + step], a12 = a[a1 + 2 * step], a13 = a[a1 + 3 * step];
        int b1 = b0 + columns;
        int b2 = b1 + columns;
        int b3 = b2 + columns;
        int c1 = c0 + columns;
        for (int j = 0; j < columns; j++) {
            double x0 = b[b0 + j];
            double x1 = b[b1 + j];
            double x2 = b[b2 + j];
            double x3 = b[b3 + j];
            c[c0 + j] = fma(a03, x3, fma(a02, x2, fma(a01, x1, fma(a00, x0, c[c0 + j]))));
            c[c1 + j] = fma(a13, x3, fma(a12, x2, fma(a11, x1, fma(a10, x0, c[c1 + j]))));
        }
    }

    private static void updateRow(int columns, double a, double[] b, int b0, double[] c, int c0) {
        for (int j = 0; j < columns; j++) {
            c[c0 + j] = fma(a, b[b0 + j], c[c0 + j]);
        }
    }

    /**
     * C += A B, element by element of C, each a sum over p kept in a register; eight at a time. Element (i, p) of A
     * stands at a0 + i * ai + p * ap, (p, j) of B at b0 + j * bj + p * bp, (i, j) of C at c0 + i * ci + j * cj.
     */
    static void dots(
            int rows,
            int columns,
            int inner,
            double[] a,
            int a0,
            int ai,
            int ap,
            double[] b,
            int b0,
            int bj,
            int bp,
            double[] c,
            int c0,
            int ci,
            int cj) {
        for (int i = 0; i < rows; i += 2) {
            int j = 0;
            if (i + 2 <= rows) {
                for (; j + 4 <= columns; j += 4) {
                    eightDots(inner, a, a0 + i * ai, ai, ap, b, b0 + j * bj, bj, bp, c, c0 + i * ci + j * cj, ci, cj);
                }
            } else {
                for (; j + 4 <= columns; j += 4) {
                    fourDots(inner, a, a0 + i * ai, ap, b, b0 + j * bj, bj, bp, c, c0 + i * ci + j * cj, cj);
                }
            }
            for (; j < columns; j++) {
                for (int r = i; r < Math.min(i + 2, rows); r++) {
                    dot(inner, a, a0 + r * ai, ap, b, b0 + j * bj, bp, c, c0 + r * ci + j * cj);
                }
            }
        }
    }

    private static void eightDots(
            int inner,
            double[] a,
            int a0,
            int ai,
            int ap,
            double[] b,
            int b0,
            int bj,
            int bp,
            double[] c,
            int c0,
            int ci,
            int cj) {
        int a1 = a0 + ai;
        int b1 = b0 + bj;
        int b2 = b1 + bj;
        int b3 = b2 + bj;
        int c1 = c0 + ci;
        double s00 = c[c0], s01 = c[c0 + cj], s02 = c[c0 + 2 * cj], s03 = c[c0 + 3 * cj];
        double s10 = c[c1], s11 = c[c1 + cj], s12 = c[c1 + 2 * cj], s13 = c[c1 + 3 * cj];
        for (int p = 0; p < inner; p++) {
            double x0 = a[a0 + p * ap];
            double x1 = a[a1 + p * ap];
            double y0 = b[b0 + p * bp];
            double y1 = b[b1 + p * bp];
            double y2 = b[b2 + p * bp];
            double y3 = b[b3 + p * bp];
            s00 = fma(x0, y0, s00);
            s01 = fma(x0, y1, s01);
            s02 = fma(x0, y2, s02);
            s03 = fma(x0, y3, s03);
            s10 = fma(x1, y0, s10);
            s11 = fma(x1, y1, s11);
            s12 = fma(x1, y2, s12);
            s13 = fma(x1, y3, s13);
        }
        c[c0] = s00;
        c[c0 + cj] = s01;
        c[c0 + 2 * cj] = s02;
        c[c0 + 3 * cj] = s03;
        c[c1] = s10;
        c[c1 + cj] = s11;
        c[c1 + 2 * cj] = s12;
        c[c1 + 3 * cj] = s13;
    }

    private static void fourDots(
            int inner, double[] a, int a0, int ap, double[] b, int b0, int bj, int bp, double[] c, int c0, int cj) {
        int b1 = b0 + bj;
        int b2 = b1 + bj;
        int b3 = b2 + bj;
        double s0 = c[c0], s1 = c[c0 + cj], s2 = c[c0 + 2 * cj], s3 = c[c0 + 3 * cj];
        for (int p = 0; p < inner; p++) {
            double x = a[a0 + p * ap];
            s0 = fma(x, b[b0 + p * bp], s0);
            s1 = fma(x, b[b1 + p * bp], s1);
            s2 = fma(x, b[b2 + p * bp], s2);
            s3 = fma(x, b[b3 + p * bp], s3);
        }
        c[c0] = s0;
        c[c0 + cj] = s1;
        c[c0 + 2 * cj] = s2;
        c[c0 + 3 * cj] = s3;
    }

    private static void dot(int inner, double[] a, int a0, int ap, double[] b, int b0, int bp, double[] c, int c0) {
        double s = c[c0];
        for (int p = 0; p < inner; p++) {
            s = fma(a[a0 + p * ap], b[b0 + p * bp], s);
        }
        c[c0] = s;
    }

    @Override
    public void addRowSums(int blocks, int rows, int batch, double[] y, int yOffset, double[] r) {
        for (int s = 0; s < blocks; s++) {
            for (int i = 0; i < rows; i++) {
                r[i] += sum(batch, y, yOffset + (s * rows + i) * batch);
            }
        }
    }

    private static double sum(int n, double[] x, int offset) {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        int end = offset + n;
        for (int j = offset; j < end; j += LANES) {
            s0 += x[j];
            s1 += orZero(x, j + 1, end);
            s2 += orZero(x, j + 2, end);
            s3 += orZero(x, j + 3, end);
            s4 += orZero(x, j + 4, end);
            s5 += orZero(x, j + 5, end);
            s6 += orZero(x, j + 6, end);
            s7 += orZero(x, j + 7, end);
        }
        return halve(s0, s1, s2, s3, s4, s5, s6, s7);
    }

    @Override
    public double sumOfSquares(int n, double[] x) {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        for (int j = 0; j < n; j += LANES) {
            s0 = addSquare(x[j], s0);
            s1 = addSquare(orZero(x, j + 1, n), s1);
            s2 = addSquare(orZero(x, j + 2, n), s2);
            s3 = addSquare(orZero(x, j + 3, n), s3);
            s4 = addSquare(orZero(x, j + 4, n), s4);
            s5 = addSquare(orZero(x, j + 5, n), s5);
            s6 = addSquare(orZero(x, j + 6, n), s6);
            s7 = addSquare(orZero(x, j + 7, n), s7);
        }
        return halve(s0, s1, s2, s3, s4, s5, s6, s7);
    }

    private static double addSquare(double x, double sum) {
        return fma(x, x, sum);
    }

    /** Lanes past the end take up zeros, which change no bit of a sum that began at +0. */
    private static double orZero(double[] x, int j, int end) {
        return j < end ? x[j] : 0;
    }

    private static double halve(
            double s0, double s1, double s2, double s3, double s4, double s5, double s6, double s7) {
        return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
    }

    @Override
    public void lstmStep(
            int n,
            double[] gates,
            int gatesOffset,
            double[] cell,
            int previousOffset,
            int cellOffset,
            double[] tanhCell,
            int tanhOffset,
            double[] hidden,
            int hiddenOffset) {
        int iAt = gatesOffset;
        int fAt = iAt + n;
        int gAt = fAt + n;
        int oAt = gAt + n;
        for (int j = 0; j < n; j++) {
            double i = Elementary.sigma(gates[iAt + j]); // (2)
            double f = Elementary.sigma(gates[fAt + j]); // (2)
            double g = Elementary.tanh(gates[gAt + j]); // (3)
            double o = Elementary.sigma(gates[oAt + j]); // (2)
            double c = fma(f, cell[previousOffset + j], i * g); // (4)
            double tanhC = Elementary.tanh(c); // (5)
            gates[iAt + j] = i;
            gates[fAt + j] = f;
            gates[gAt + j] = g;
            gates[oAt + j] = o;
            cell[cellOffset + j] = c;
            tanhCell[tanhOffset + j] = tanhC;
            hidden[hiddenOffset + j] = o * tanhC; // (5)
        }
    }

    @Override
    public void lstmStepBackward(
            int n,
            double[] gates,
            int gatesOffset,
            double[] cell,
            int previousOffset,
            double[] tanhCell,
            int tanhOffset,
            double[] dHidden,
            double[] dCell,
            double[] dGates,
            int dGatesOffset) {
        backwardElements(
                0,
                n,
                gates,
                gatesOffset,
                cell,
                previousOffset,
                tanhCell,
                tanhOffset,
                dHidden,
                dCell,
                dGates,
                dGatesOffset);
    }

    /** The elements from {@code first} on of a step back. */
    static void backwardElements(
            int first,
            int n,
            double[] gates,
            int gatesOffset,
            double[] cell,
            int previousOffset,
            double[] tanhCell,
            int tanhOffset,
            double[] dHidden,
            double[] dCell,
            double[] dGates,
            int dGatesOffset) {
        int iAt = gatesOffset;
        int fAt = iAt + n;
        int gAt = fAt + n;
        int oAt = gAt + n;
        int diAt = dGatesOffset;
        int dfAt = diAt + n;
        int dgAt = dfAt + n;
        int doAt = dgAt + n;
        for (int j = first; j < n; j++) {
            double i = gates[iAt + j];
            double f = gates[fAt + j];
            double g = gates[gAt + j];
            double o = gates[oAt + j];
            double tanhC = tanhCell[tanhOffset + j];
            double dh = dHidden[j];
            double dc = fma(dh * o, fma(-tanhC, tanhC, 1), dCell[j]); // (9)
            dGates[doAt + j] = dh * tanhC * (o * (1 - o)); // (10)
            dGates[diAt + j] = dc * g * (i * (1 - i)); // (11)
            dGates[dfAt + j] = dc * cell[previousOffset + j] * (f * (1 - f)); // (12)
            dGates[dgAt + j] = dc * i * fma(-g, g, 1); // (13)
            dCell[j] = dc * f; // (9), for the step before
        }
    }

    @Override
    public void adamUpdate(
            int n,
            double[] theta,
            double[] gradient,
            double[] m,
            double[] v,
            double beta1,
            double beta2,
            double stepSize,
            double rootCorrection,
            double epsilon,
            double l2,
            double shrink) {
        for (int j = 0; j < n; j++) {
            double g = fma(l2, theta[j], gradient[j]);
            m[j] = fma(1 - beta1, g - m[j], m[j]);
            v[j] = fma((1 - beta2) * g, g, beta2 * v[j]);
            theta[j] = shrink * theta[j] - stepSize * m[j] / (Math.sqrt(v[j]) / rootCorrection + epsilon);
        }
    }

    @Override
    public void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < n; j++) {
                y[i * n + j] = Elementary.sigma(fma(slope[i], x[xOffset + j], offset[i]));
            }
        }
    }

    @Override
    public void ca1Derivative(int n, double[] p, double[] current, double[] s, double[] y, double[] dy) {
        for (int j = 0; j < n; j++) {
            ca1Cell(j, n, p, current, s, y, dy);
        }
    }

    /** Cell j: without a loop around it, for one cell's loop would take longer than its work. */
    static void ca1Cell(int j, int n, double[] p, double[] current, double[] s, double[] y, double[] dy) {
        double perC = p[0], gL = p[1], gNa = p[2], gNaP = p[3], gKdr = p[4], gA = p[5], gM = p[6];
        double gCa = p[7], gC = p[8], gAhp = p[9], vL = p[10], vNa = p[11], vK = p[12], vCa = p[13];
        double phiH = p[14], kappaH = p[15], phiN = p[16], kappaN = p[17];
        double rateB = p[18], rateZ = p[19], rateR = p[20], rateC = p[21];
        double aC = p[22], aQ4 = p[23], rateQ = p[24], u = p[25], rateCa = p[26];
        double v = y[j];
        double h = y[n + j];
        double x = y[2 * n + j]; // n
        double b = y[3 * n + j];
        double z = y[4 * n + j];
        double r = y[5 * n + j];
        double c = y[6 * n + j];
        double q = y[7 * n + j];
        double ca = y[8 * n + j];
        double m = s[j];
        double a = s[2 * n + j];
        double iCa = gCa * (r * r) * (v - vCa); // (2)
        double sodium = fma(gNa * (m * m * m), h, gNaP * s[n + j]);
        double x2 = x * x;
        double k = ca / (ca + aC); // (3)
        double slow = fma(gC * k, c, fma(gKdr, x2 * x2, fma(gM, z, gAhp * q)));
        double potassium = fma(gA * (a * a * a), b, slow);
        double ionic = fma(sodium, v - vNa, fma(potassium, v - vK, fma(gL, v - vL, iCa)));
        dy[j] = (current[j] - ionic) * perC; // (1)
        dy[n + j] = phiH * (s[3 * n + j] - h) / fma(kappaH, s[9 * n + j], 1); // (4)
        dy[2 * n + j] = phiN * (s[4 * n + j] - x) / fma(kappaN, s[10 * n + j], 1); // (4)
        dy[3 * n + j] = rateB * (s[5 * n + j] - b); // (4)
        dy[4 * n + j] = rateZ * (s[6 * n + j] - z); // (4)
        dy[5 * n + j] = rateR * (s[7 * n + j] - r); // (4)
        dy[6 * n + j] = rateC * (s[8 * n + j] - c); // (4)
        double ca2 = ca * ca;
        double ca4 = ca2 * ca2;
        dy[7 * n + j] = rateQ * (ca4 / (ca4 + aQ4) - q); // (5)
        dy[8 * n + j] = -fma(u, iCa, rateCa * ca); // (6)
    }
}
