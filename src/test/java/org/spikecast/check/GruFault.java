package org.spikecast.check;

/**
 * Faults that people make in the backward pass of a GRU, and the place that a report must name for each, as in {@link
 * Fault}.
 */
enum GruFault {
    NONE(""),

    CARRY_THROUGH_Z_DROPPED("layer 1, step 5, gate r, z, n"),
    CARRY_THROUGH_ONE_MINUS_Z("layer 1, step 5, gate r, z, n"),
    CARRY_THROUGH_EARLIER_Z("layer 1, step 5, gate r, z, n"),
    HIDDEN_CARRY_DROPPED("layer 1, step 5, gate r, z, n"),
    HIDDEN_CARRY_OF_N_WITHOUT_R("layer 1, step 5, gate r, z, n"),
    HIDDEN_CARRY_THROUGH_TRANSPOSED_WEIGHTS("layer 1, step 5, gate r, z, n"),
    TRUNCATED_AFTER_THREE_STEPS("layer 1, step 3, gate r, z, n"),

    KEEPS_BY_ONE_MINUS_Z("layer 1, step 6, gate r, n"),
    SIGN_OF_Z("layer 1, step 6, gate z"),
    STATE_OF_WRONG_STEP_IN_Z("layer 1, step 6, gate z"),
    SIGMA_DERIVATIVE_OF_Z_HALF_DONE("layer 1, step 6, gate z"),
    TANH_DERIVATIVE_OF_N_MISSING("layer 1, step 6, gate r, n"),
    SIGMA_DERIVATIVE_OF_R_MISSING("layer 1, step 6, gate r"),
    R_READS_STATE_FOR_ITS_PRODUCT("layer 1, step 6, gate r"),
    R_AND_Z_SWAPPED("layer 1, step 6, gate r, z"),

    WEIGHTS_HH_OF_N_WITHOUT_R("[gru.weight_hh_l0, gru.weight_hh_l1]"),
    BIAS_HH_OF_N_WITHOUT_R("[gru.bias_hh_l0, gru.bias_hh_l1]"),
    HIDDEN_OF_WRONG_STEP_IN_WEIGHTS("[gru.weight_hh_l0, gru.weight_hh_l1]"),
    AVERAGED_OVER_TIME("[gru.weight_ih_l0, gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0,"
            + " gru.weight_ih_l1, gru.weight_hh_l1, gru.bias_ih_l1, gru.bias_hh_l1]"),
    INITIAL_STATE_GRADIENT_WITHOUT_Z("[h0]"),
    ONE_WEIGHT_OFF_BY_ONE_MILLIONTH("[gru.weight_hh_l1]");

    /** Layer, step and gates; or, in brackets, the blocks that are wrong while every dL/dz is right. */
    final String location;

    GruFault(String location) {
        this.location = location;
    }
}
