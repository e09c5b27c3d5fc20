package org.spikecast.kernel.internal;

import org.spikecast.kernel.Kernel;

class ScalarKernelTest extends KernelContract {
    @Override
    Kernel kernel() {
        return new ScalarKernel();
    }
}
