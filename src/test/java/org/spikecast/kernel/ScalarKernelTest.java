package org.spikecast.kernel;

class ScalarKernelTest extends KernelContract {
    @Override
    Kernel kernel() {
        return new ScalarKernel();
    }
}
