package org.spikecast.check;

/** Faults that people make in backpropagation through time, and the place that a report must name for each. */
enum Fault {
    NONE(""),

    CELL_CARRY_DROPPED("layer 1, step 5, gate i, f, g"),
    CELL_CARRY_WITHOUT_FORGET_GATE("layer 1, step 5, gate i, f, g"),
    CELL_CARRY_THROUGH_INPUT_GATE("layer 1, step 5, gate i, f, g"),
    CELL_CARRY_THROUGH_EARLIER_FORGET_GATE("layer 1, step 5, gate i, f, g"),
    CELL_CARRY_HALVED("layer 1, step 5, gate i, f, g"),
    HIDDEN_CARRY_DROPPED("layer 1, step 5, gate i, f, g, o"),
    HIDDEN_CARRY_DOUBLED("layer 1, step 5, gate i, f, g, o"),
    HIDDEN_CARRY_THROUGH_TRANSPOSED_WEIGHTS("layer 1, step 5, gate i, f, g, o"),
    HIDDEN_CARRY_WITHOUT_OUTPUT_GATE("layer 1, step 5, gate i, f, g, o"),
    TRUNCATED_AFTER_THREE_STEPS("layer 1, step 3, gate i, f, g, o"),

    GATES_I_AND_F_SWAPPED("layer 1, step 6, gate i, f"),
    GATES_G_AND_O_SWAPPED("layer 1, step 6, gate g, o"),
    TANH_DERIVATIVE_OF_CELL_MISSING("layer 1, step 6, gate i, f, g"),
    TANH_DERIVATIVE_OF_G_MISSING("layer 1, step 6, gate g"),
    SIGMA_DERIVATIVE_OF_O_MISSING("layer 1, step 6, gate o"),
    SIGMA_DERIVATIVE_OF_F_HALF_DONE("layer 1, step 6, gate f"),
    SIGN_OF_O("layer 1, step 6, gate o"),
    CELL_OF_WRONG_STEP_IN_F("layer 1, step 6, gate f"),
    TANH_OF_CELL_MISSING_IN_O("layer 1, step 6, gate o"),
    G_AND_I_EXCHANGED_IN_PRODUCT("layer 1, step 6, gate i"),
    MEAN_OVER_BATCH_ONLY("layer 1, step 6, gate i, f, g, o"),
    ONE_SEQUENCE_LOST("layer 1, step 6, gate i, f, g, o"),

    OUTPUT_GATE_LOST_ON_THE_WAY_DOWN("layer 0, step 6, gate i, f, g, o"),
    ONLY_LAST_STEP_PASSED_DOWN("layer 0, step 5, gate i, f, g, o"),

    HIDDEN_OF_WRONG_STEP_IN_WEIGHTS("[lstm.weight_hh_l0, lstm.weight_hh_l1]"),
    INPUT_OF_WRONG_STEP_IN_WEIGHTS("[lstm.weight_ih_l0, lstm.weight_ih_l1]"),
    INITIAL_STATE_LEFT_OUT_OF_WEIGHTS("[lstm.weight_hh_l0, lstm.weight_hh_l1]"),
    BIAS_MISSING_AT_STEP_0("[lstm.bias_ih_l0, lstm.bias_hh_l0, lstm.bias_ih_l1, lstm.bias_hh_l1]"),
    SECOND_BIAS_FORGOTTEN("[lstm.bias_hh_l0, lstm.bias_hh_l1]"),
    AVERAGED_OVER_TIME("[lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, lstm.bias_hh_l0,"
            + " lstm.weight_ih_l1, lstm.weight_hh_l1, lstm.bias_ih_l1, lstm.bias_hh_l1]"),
    ONE_WEIGHT_OFF_BY_ONE_PERCENT("[lstm.weight_hh_l1]"),
    ONE_WEIGHT_OFF_BY_ONE_MILLIONTH("[lstm.weight_hh_l1]"),
    HEAD_READS_CELL("[fc.weight]"),
    HEAD_BIAS_AVERAGED("[fc.bias]"),
    HEAD_READS_STATES_BACKWARDS("[fc.weight]", true),
    HEAD_PASSES_TO_LAST_STATE_ONLY("layer 1, step 5, gate i, f, g, o", true),
    INPUT_GRADIENT_ONE_STEP_LATE("[input]"),
    INITIAL_HIDDEN_GRADIENT_FORGOTTEN("[h0]"),
    INITIAL_CELL_GRADIENT_WITHOUT_FORGET_GATE("[c0]");

    /** Layer, step and gates; or, in brackets, the blocks that are wrong while every dL/dz is right. */
    final String location;

    /** Whether it needs an output layer that reads several states. */
    final boolean ofSeveralStates;

    Fault(String location) {
        this(location, false);
    }

    Fault(String location, boolean ofSeveralStates) {
        this.location = location;
        this.ofSeveralStates = ofSeveralStates;
    }
}
