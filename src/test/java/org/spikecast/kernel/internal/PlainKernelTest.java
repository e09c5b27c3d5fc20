package org.spikecast.kernel.internal;

import org.spikecast.kernel.Kernel;

/** The contract in plain code, by the same tests as its providers: EJML's products, sums in lanes, equations element by element. */
class PlainKernelTest extends KernelContract {
    @Override
    Kernel kernel() {
        return PLAIN;
    }
}
