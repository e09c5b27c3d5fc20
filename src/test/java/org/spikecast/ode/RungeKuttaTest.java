package org.spikecast.ode;

import org.junit.jupiter.api.Nested;

class RungeKuttaTest {
    @Nested
    class Classical extends RungeKuttaContract {
        @Override
        Tableau tableau() {
            return Tableau.CLASSICAL;
        }
    }

    @Nested
    class DormandPrince extends RungeKuttaContract {
        @Override
        Tableau tableau() {
            return Tableau.DORMAND_PRINCE;
        }
    }

    /** Third order, first same as last, dense output without a quartic. */
    @Nested
    class BogackiShampine extends RungeKuttaContract {
        @Override
        Tableau tableau() {
            return TableauTest.bogackiShampine();
        }
    }

    /** Second order, no estimate. */
    @Nested
    class Heun extends RungeKuttaContract {
        @Override
        Tableau tableau() {
            return TableauTest.heun();
        }
    }
}
