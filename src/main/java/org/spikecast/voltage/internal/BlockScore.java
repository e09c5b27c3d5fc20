package org.spikecast.voltage.internal;

import org.ejml.data.DMatrixRMaj;

/**
 * Scores of forecasts of blocks: root mean squared errors in mV.
 *
 * @param rmse over all blocks
 * @param activeRmse over the active ones; NaN if there is none
 * @param byStep over all blocks, step by step
 * @param blocks the number of blocks
 * @param activeBlocks the number of active ones
 */
public record BlockScore(double rmse, double activeRmse, double[] byStep, int blocks, int activeBlocks) {
    /**
     * Scores forecasts.
     *
     * @param truth the traces
     * @param starts the places of the blocks
     * @param forecast mV, horizon x starts
     */
    public static BlockScore of(Traces truth, BlockStarts places, int[] starts, DMatrixRMaj forecast) {
        if (forecast.numCols != starts.length) {
            throw new IllegalArgumentException(
                    "A column per block expected, got " + forecast.numCols + " for " + starts.length + " blocks");
        }
        double[] squares = new double[forecast.numRows];
        double activeSquares = 0;
        int active = 0;
        for (int s = 0; s < starts.length; s++) {
            truth.requireRoom(starts[s], 0, squares.length);
            double sum = 0;
            for (int k = 0; k < squares.length; k++) {
                double error = forecast.get(k, s) - truth.voltage().data[starts[s] + k];
                squares[k] += error * error;
                sum += error * error;
            }
            if (places.isActive(starts[s])) {
                active++;
                activeSquares += sum;
            }
        }
        double all = 0;
        double[] byStep = new double[squares.length];
        for (int k = 0; k < squares.length; k++) {
            all += squares[k];
            byStep[k] = Math.sqrt(squares[k] / starts.length);
        }
        double each = (double) starts.length * squares.length;
        return new BlockScore(
                Math.sqrt(all / each),
                Math.sqrt(activeSquares / ((double) active * squares.length)),
                byStep,
                starts.length,
                active);
    }
}
