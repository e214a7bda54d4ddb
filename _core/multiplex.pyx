"""Drive one oscillator with held currents and read its amplitude after each of them.

Every loop below runs over LANES numbers side by side, which the compiler turns into vector
instructions. The lanes are stretches of one sequence (`simulate`) or different sequences
(`multiplex`). Each lane sees the same operations in the same order whatever the others
hold, so a sequence's answer does not depend on its neighbours.

`multiplex` goes frame by frame:

    frames of LANES sequences -> currents (n_nodes, LANES), see `mask.pxd`
    -> amplitudes, node after node -> states, or sums over ranges of frames, see `seats.pxd`

Several coupled oscillators receive the same currents; their amplitudes follow one another,
first all nodes of the first oscillator, then those of the second, and so on.
"""

from libc.math cimport floor
from libc.stdint cimport uint64_t

from .elementary cimport real, reciprocal_root
from .ensemble cimport Ensemble, respond_together
from .mask cimport (
    GROUP,
    LANES,
    PADDING,
    PATTERNS,
    add_bias,
    add_rows,
    add_wander,
    drive_to_current,
    gather_inputs,
    tabulate,
)
from .oscillator cimport HeldFlow, bounded, held_exponent, held_map
from .seats cimport (
    Seats,
    add_to_sums,
    count_clipped,
    mark_inside,
    seat_sequences,
    write_means,
    write_states,
)
from .thermal cimport Reading, thermal_hold
from .weigh cimport weigh

cdef enum:
    STEPS = 16       # holds of each of them that stay in the cache
    NODES = 64       # nodes whose drive stays in the cache

# What the caller must know to lay out its arrays.
layout = {
    "lanes": LANES,
    "steps": STEPS,
    "group": GROUP,
    "patterns": PATTERNS,
    "padding": PADDING,
    "nodes": NODES,
}


cdef inline void follow(
    Py_ssize_t n_steps,
    const HeldFlow flow,
    real* state,              # INOUT (LANES,) inverse power
    real* factor,             # INOUT (n_steps, LANES) E, then the inverse power
    const real* source,       # IN    (n_steps, LANES) B
) noexcept nogil:
    """Apply the maps one after the other; a NaN stays a NaN."""
    cdef Py_ssize_t step, lane, i
    cdef real after
    cdef real largest = <real> flow.largest
    for step in range(n_steps):
        for lane in range(LANES):
            i = step * LANES + lane
            after = factor[i] * state[lane] + source[i]
            state[lane] = largest if after > largest else after
            factor[i] = state[lane]


cdef inline void respond(
    Py_ssize_t n_steps,
    const HeldFlow flow,
    real* state,              # INOUT (LANES,) inverse power
    const real* current,      # IN    (n_steps, LANES), may be the same memory as amplitude
    real* amplitude,          # OUT   (n_steps, LANES)
) noexcept nogil:
    """Amplitudes of LANES sequences over at most STEPS holds."""
    cdef real[STEPS * LANES] factor
    cdef real[STEPS * LANES] source
    cdef Py_ssize_t i
    for i in range(n_steps * LANES):
        held_exponent(current[i], flow, &factor[i], &source[i])
        factor[i] = bounded(factor[i])
    for i in range(n_steps * LANES):
        held_map(factor[i], source[i], &factor[i], &source[i])
    follow(n_steps, flow, state, factor, source)
    for i in range(n_steps * LANES):
        amplitude[i] = reciprocal_root(factor[i])


cdef inline void stretches_to_lanes(
    const real* current, Py_ssize_t n_steps, double* lanes
) noexcept nogil:
    cdef Py_ssize_t lane, step
    for lane in range(LANES):
        for step in range(n_steps):
            lanes[step * LANES + lane] = current[lane * n_steps + step]


cdef inline void lanes_to_stretches(
    const double* lanes, Py_ssize_t n_steps, real* amplitude
) noexcept nogil:
    cdef Py_ssize_t lane, step
    for lane in range(LANES):
        for step in range(n_steps):
            amplitude[lane * n_steps + step] = <real> lanes[step * LANES + lane]


cdef inline double simulate_stretches(
    const real* current,      # IN  (LANES * n_steps,)
    Py_ssize_t n_steps,       # of each stretch
    const HeldFlow flow,
    double state,             # IN  inverse power before
    real* amplitude,          # OUT (LANES * n_steps,)
    double* check,            # INOUT (LANES,) 0 as long as its currents are finite, then NaN
) noexcept nogil:
    """LANES consecutive stretches of one sequence; returns the inverse power after them.

    Each stretch is composed into one map, the maps give the state at the start of every
    stretch, and from there all stretches are followed together. A product of factors may
    overflow, but only where the floor is reached on the way: the limit holds then.
    """
    cdef double[STEPS * LANES] factor
    cdef double[STEPS * LANES] source
    cdef double[LANES] whole_factor
    cdef double[LANES] whole_source
    cdef double[LANES] limit
    cdef double[LANES] start
    cdef Py_ssize_t lane, step, i
    cdef double after
    stretches_to_lanes(current, n_steps, factor)
    for step in range(n_steps):
        for lane in range(LANES):
            i = step * LANES + lane
            check[lane] += factor[i] - factor[i]
    for i in range(n_steps * LANES):
        held_exponent(factor[i], flow, &factor[i], &source[i])
        factor[i] = bounded(factor[i])
    for i in range(n_steps * LANES):
        held_map(factor[i], source[i], &factor[i], &source[i])
    for lane in range(LANES):
        whole_factor[lane] = 1.0
        whole_source[lane] = 0.0
        limit[lane] = flow.largest
    for step in range(n_steps):
        for lane in range(LANES):
            i = step * LANES + lane
            whole_factor[lane] = factor[i] * whole_factor[lane]
            whole_source[lane] = factor[i] * whole_source[lane] + source[i]
            after = factor[i] * limit[lane] + source[i]
            limit[lane] = flow.largest if after > flow.largest else after
    for lane in range(LANES):
        start[lane] = state
        after = whole_factor[lane] * state + whole_source[lane]
        state = after if after < limit[lane] else limit[lane]
    follow(n_steps, flow, start, factor, source)
    for i in range(n_steps * LANES):
        source[i] = reciprocal_root(factor[i])
    lanes_to_stretches(source, n_steps, amplitude)
    return state


cdef bint simulate_row(
    const real* current,      # IN  (n_steps,)
    Py_ssize_t n_steps,
    const HeldFlow flow,
    double state,
    real* amplitude,          # OUT (n_steps,)
) noexcept nogil:
    """One sequence, computed in double precision; returns whether all currents are finite."""
    cdef real[STEPS * LANES] padded
    cdef double[LANES] check
    cdef Py_ssize_t begin = 0, left, stretch, i
    cdef double wrong = 0.0
    for i in range(LANES):
        check[i] = 0.0
    while n_steps - begin >= STEPS * LANES:
        state = simulate_stretches(
            &current[begin], STEPS, flow, state, &amplitude[begin], check
        )
        begin += STEPS * LANES
    left = n_steps - begin
    if left > 0:
        stretch = (left + LANES - 1) // LANES
        for i in range(stretch * LANES):
            padded[i] = current[begin + i if i < left else n_steps - 1]
        simulate_stretches(padded, stretch, flow, state, padded, check)
        for i in range(left):
            amplitude[begin + i] = padded[i]
    for i in range(LANES):
        wrong += check[i]
    return wrong == 0.0


def simulate(
    const real[:, ::1] current,     # IN  (n_rows, n_steps)
    const double[::1] state,        # IN  (n_rows,) inverse power at the start
    HeldFlow flow,
    real[:, ::1] amplitude,         # OUT (n_rows, n_steps)
):
    """Amplitude at the end of every hold; returns the first row not finite, or -1."""
    cdef Py_ssize_t row, failed = -1
    with nogil:
        for row in range(current.shape[0]):
            if current.shape[1] > 0 and not simulate_row(
                &current[row, 0], current.shape[1], flow, state[row], &amplitude[row, 0]
            ):
                failed = row
                break
    return failed


def simulate_lanes(
    const real[:, :, ::1] current,     # IN  (n_groups, n_steps, LANES)
    double state,                      # IN  inverse power at the start
    HeldFlow flow,
    real[:, :, ::1] amplitude,         # OUT (n_groups, n_steps, LANES)
):
    """Amplitudes of sequences that lie side by side already."""
    cdef Py_ssize_t group, lane, begin, size
    cdef real[LANES] q
    with nogil:
        for group in range(current.shape[0]):
            for lane in range(LANES):
                q[lane] = <real> state
            begin = 0
            while begin < current.shape[1]:
                size = min(<Py_ssize_t> STEPS, current.shape[1] - begin)
                respond(
                    size, flow, q, &current[group, begin, 0], &amplitude[group, begin, 0]
                )
                begin += size


cdef inline void respond_in_bath(
    Py_ssize_t n_steps,
    const HeldFlow flow,
    const Reading reading,
    int variable,             # IN    what is read: amplitude, power, frequency, phase
    const uint64_t* key,      # IN    (LANES,) of the noise
    uint64_t counter,         # IN    of the first of these holds
    double* state,            # INOUT (LANES,) inverse power
    double* phase,            # INOUT (LANES,)
    real* current,            # INOUT (n_steps, LANES) currents, then what is read
    real* amplitude,          # OUT   (n_steps, LANES)
) noexcept nogil:
    """As `respond`, with thermal noise and other things to read; in double precision."""
    cdef double[LANES] held
    cdef double[LANES] end
    cdef double[LANES] power
    cdef double[LANES] frequency
    cdef double* read = end
    cdef Py_ssize_t step, lane
    if variable == 1:
        read = power
    elif variable == 2:
        read = frequency
    elif variable == 3:
        read = phase
    for step in range(n_steps):
        for lane in range(LANES):
            held[lane] = current[step * LANES + lane]
        thermal_hold(
            flow, reading, key, counter + step, held, state, phase, end, power, frequency
        )
        for lane in range(LANES):    # between -pi and pi
            phase[lane] -= 6.283185307179586 * floor(
                phase[lane] * 0.15915494309189535 + 0.5
            )
        for lane in range(LANES):
            current[step * LANES + lane] = <real> read[lane]
            amplitude[step * LANES + lane] = <real> end[lane]


ctypedef struct Drive:
    double gain               # current = gain * (mask product) + offset, ...
    double offset
    double lowest             # ... clipped to this range
    double highest
    double state              # inverse power at the start of every sequence
    double feedback_gain      # current added for each unit of an earlier amplitude, ...
    double reference          # ... counted from here


cdef struct Bath:             # of LANES oscillators with noise, or read otherwise
    uint64_t[LANES] key           # of the noise
    double[LANES] state           # inverse power
    double[LANES] phase


cdef inline void begin_alone(
    const Seats* seats,
    double inverse,                      # power at the start
    const uint64_t[::1] keys,            # IN  (n_sequences,)
    real* state,                         # OUT (LANES,) inverse power
    Bath* bath,                          # OUT
) noexcept nogil:
    """Put an uncoupled oscillator to its start, in every lane."""
    cdef Py_ssize_t lane, member
    for lane in range(LANES):
        member = seats.sequence[lane]
        state[lane] = <real> inverse
        bath.state[lane] = inverse
        bath.phase[lane] = 0
        bath.key[lane] = keys[member] if member >= 0 else 0


cdef inline void begin_together(
    const real[:, ::1] beginning,        # IN  (n_oscillators, 2)
    real[:, :, :, ::1] amplitudes,       # OUT (5, n_oscillators, 2, LANES), the first of 5
) noexcept nogil:
    """Put coupled oscillators to their start, in every lane."""
    cdef Py_ssize_t oscillator, lane
    for oscillator in range(beginning.shape[0]):
        for lane in range(LANES):
            amplitudes[0, oscillator, 0, lane] = beginning[oscillator, 0]
            amplitudes[0, oscillator, 1, lane] = beginning[oscillator, 1]


cdef inline void go_on(
    const double[:, ::1] carried,        # IN  (3, LANES)
    real* state,                         # OUT (LANES,) inverse power
    Bath* bath,                          # OUT
) noexcept nogil:
    """Put an uncoupled oscillator to where `carry` left it, in every lane."""
    cdef Py_ssize_t lane
    for lane in range(LANES):
        state[lane] = <real> carried[0, lane]
        bath.state[lane] = carried[1, lane]
        bath.phase[lane] = carried[2, lane]


cdef inline void carry(
    const real* state,                   # IN  (LANES,) inverse power
    const Bath* bath,                    # IN
    double[:, ::1] carried,              # OUT (3, LANES)
) noexcept nogil:
    """Keep where an uncoupled oscillator is, in every lane."""
    cdef Py_ssize_t lane
    for lane in range(LANES):
        carried[0, lane] = state[lane]
        carried[1, lane] = bath.state[lane]
        carried[2, lane] = bath.phase[lane]


cdef inline void feed_back(
    const Py_ssize_t[::1] delays,        # IN  in nodes, or none; none is below n_steps
    const real[:, ::1] history,          # IN  (longest delay + STEPS, LANES), a ring
    const Drive drive,
    Py_ssize_t instant,                  # nodes since the start of the sequence
    Py_ssize_t n_steps,
    Py_ssize_t n_drives,
    real* held,                          # INOUT (n_steps, n_drives, LANES)
) noexcept nogil:
    """Add what the oscillators answered to earlier nodes to the drives of these."""
    cdef Py_ssize_t delay, past, i, k, lane
    for delay in range(delays.shape[0]):
        past = instant - delays[delay]
        for i in range(n_steps * n_drives):
            k = (past + i // n_drives) % history.shape[0]
            if k < 0:
                k += history.shape[0]
            for lane in range(LANES):
                held[i * LANES + lane] += <real> (
                    drive.feedback_gain / drive.gain
                ) * (history[k, lane] - <real> drive.reference)


cdef inline void remember(
    const real* heard,                   # IN  (n_oscillators, NODES, LANES), n_steps of each
    Py_ssize_t n_oscillators,
    Py_ssize_t instant,                  # nodes since the start of the sequence
    Py_ssize_t n_steps,
    real[:, ::1] history,                # INOUT (longest delay + STEPS, LANES), a ring
) noexcept nogil:
    """Keep the mean amplitude of the oscillators for the feedback."""
    cdef Py_ssize_t i, k, lane, oscillator
    cdef real mean
    for i in range(n_steps):
        k = (instant + i) % history.shape[0]
        for lane in range(LANES):
            mean = 0
            for oscillator in range(n_oscillators):
                mean += heard[(oscillator * NODES + i) * LANES + lane]
            history[k, lane] = mean / n_oscillators


cdef inline void play_nodes(
    Py_ssize_t size,                     # number of nodes
    Py_ssize_t block,                    # so many of them hear no answer of each other
    Py_ssize_t instant,                  # nodes since the start of the sequence
    const Py_ssize_t[::1] delays,        # IN    of the feedback, in nodes, or none
    real[:, ::1] history,                # INOUT (longest delay + STEPS, LANES), a ring
    const Drive drive,
    const HeldFlow flow,
    const Ensemble ensemble,
    const real* exchange,                # IN    (n_oscillators, n_oscillators, 2) per part
    const Reading reading,
    int variable,
    bint transparent,                    # whether the currents themselves are read
    real* state,                         # INOUT (LANES,) inverse power of one oscillator, ...
    Bath* bath,                          # INOUT ... of one in a bath, ...
    real[:, :, :, ::1] amplitudes,       # INOUT ... or amplitudes of several, and memory
    real* current,                       # INOUT (size, n_drives, LANES) drives, then currents
    real* answers,                       # OUT   (n_oscillators, NODES, LANES), size of each;
                                         #       for one oscillator the memory of current
    real* outside,                       # INOUT (LANES,) how many values were clipped
) noexcept nogil:
    """From the drives of some nodes to what is read of them."""
    cdef Py_ssize_t n = ensemble.n_oscillators, n_drives = ensemble.n_drives
    cdef Py_ssize_t begin = 0, step
    cdef bint bathed = variable > 0 or reading.bath > 0
    cdef real[NODES * LANES] amplitude
    cdef real* held
    cdef real* heard = answers
    if bathed:
        heard = amplitude    # the feedback hears amplitudes, whatever is read
    while begin < size:
        step = min(block, size - begin)
        held = current + begin * n_drives * LANES
        feed_back(delays, history, drive, instant + begin, step, n_drives, held)
        drive_to_current(
            step * n_drives, <real> drive.gain, <real> drive.offset,
            <real> drive.lowest, <real> drive.highest, held, outside,
        )
        if transparent:
            pass
        elif bathed:
            respond_in_bath(
                step, flow, reading, variable, bath.key, instant + begin,
                bath.state, bath.phase, held, amplitude + begin * LANES,
            )
        elif n == 1:
            respond(step, flow, state, held, held)
        else:
            respond_together(
                step, flow, ensemble, exchange, &amplitudes[0, 0, 0, 0],
                &amplitudes[1, 0, 0, 0], held, NODES * LANES, answers + begin * LANES,
            )
        if delays.shape[0] > 0:
            remember(heard + begin * LANES, n, instant + begin, step, history)
        begin += step


def scratch_shapes(
    *,
    Py_ssize_t n_inputs,          # rounded up to the padding
    bint rows_are_sums,
    Py_ssize_t longest_delay,     # of the feedback, in nodes; 0 without
    Py_ssize_t n_oscillators,
    Py_ssize_t n_ranges,
    Py_ssize_t n_nodes,
):
    """Shapes of the arrays that `multiplex` works in, by the names of its arguments."""
    n_rows = PATTERNS * n_inputs // GROUP if rows_are_sums else 2 * n_inputs
    return {
        "inputs": (n_inputs, LANES),
        "table": (n_rows, LANES),
        "history": (longest_delay + STEPS, LANES),
        "amplitudes": (5, n_oscillators, 2, LANES),
        "responses": (n_oscillators, NODES, LANES),
        "inside": (n_ranges, LANES),
        "n_inside": (n_ranges,),
        "sums": (n_ranges, n_oscillators * n_nodes, LANES),
    }


def multiplex(
    *,
    # The sequences, packed one after the other.
    const real[:, ::1] frames,               # IN  (n_frames, n_channels)
    const Py_ssize_t[::1] starts,            # IN  (n_sequences,) first frame
    const Py_ssize_t[::1] lengths,           # IN  (n_sequences,)
    const Py_ssize_t[::1] members,           # IN  sequences to work on, LANES at a time
    # The drive: inputs times a mask, and what is added to that.
    const real[::1] center,                  # IN  (n_channels,) (frame - center) * scale
    const real[::1] scale,                   # IN  (n_channels,)
    const Py_ssize_t[::1] taps,              # IN  (n_taps,) frame delays, the first is 0
    const int[:, ::1] mask_rows,             # IN  (n_nodes, n_terms) of a mask of signs
    bint rows_are_sums,                      # IN  whether they are rows of signed sums
    const real[:, ::1] mask_weights,         # IN  (n_nodes, n_inputs) of any other mask
    const real[::1] bias,                    # IN  (n_nodes * n_drives,), or none
    const real[::1] wander,                  # IN  (n_frames,), or none
    const Py_ssize_t[::1] feedback_delays,   # IN  in nodes, or none
    Drive drive,
    # The oscillators.
    HeldFlow flow,                           # IN  of a hold, or of a part if several
    Ensemble ensemble,                       # IN  n_drives: 1, or one for each of them
    const real[:, :, ::1] exchange,          # IN  (n_oscillators, n_oscillators, 2) per part
    const real[:, ::1] beginning,            # IN  (n_oscillators, 2) amplitudes at the start
    const uint64_t[::1] noise_keys,          # IN  (n_sequences,) of thermal noise
    # What is read.
    Reading reading,
    int variable,                            # IN  0: the amplitude
    bint transparent,                        # IN  whether currents are read in its place
    const Py_ssize_t[:, ::1] range_starts,   # IN  (n_sequences, n_ranges) frames to sum over
    const Py_ssize_t[:, ::1] range_ends,     # IN  (n_sequences, n_ranges) one past the last
    Py_ssize_t n_squared,                    # so many of the last ranges sum the squares
    # Memory to work in: zeros of the `scratch_shapes`.
    real[:, ::1] inputs,
    real[:, ::1] table,
    real[:, ::1] history,
    real[:, :, :, ::1] amplitudes,
    real[:, :, ::1] responses,
    real[:, ::1] inside,
    real[::1] n_inside,
    real[:, :, ::1] sums,
    # The frames to play now, and what is carried from the frames before to those behind.
    Py_ssize_t begin,                        # of each sequence; history and amplitudes are ...
    Py_ssize_t end,                          # ... carried as well, if begin is not 0
    double[:, ::1] carried,                  # INOUT (3, LANES) of the only group, if begin > 0
    # The results.
    real[:, ::1] states,                     # OUT (n_frames, n_features) from begin on, or
                                             #     no columns
    real[:, :, ::1] pooled,                  # OUT (n_sequences, n_ranges, n_features)
    Py_ssize_t[::1] clipped,                 # OUT (n_sequences,) clipped node values
):
    """Node amplitudes of many sequences, as states or averaged over ranges of frames.

    There are n_features = n_oscillators * n_nodes of them. The mask has n_nodes * n_drives
    columns: the drives of the first node, then those of the second, and so on.

    A single sequence may be played in several calls, each of which goes on where the one
    before it ended: every operation is that of one call, so every bit is.
    """
    cdef Py_ssize_t n = ensemble.n_oscillators, n_drives = ensemble.n_drives
    cdef Py_ssize_t n_nodes = max(mask_rows.shape[0], mask_weights.shape[0]) // n_drives
    cdef Py_ssize_t block = STEPS
    cdef Py_ssize_t group, time, node, size, first, n_columns, delay, lane, k
    cdef Seats seats
    cdef Bath bath
    cdef real[LANES] state
    cdef real[LANES] outside
    cdef real[NODES * LANES] current
    cdef real* answers = current
    if n > 1:
        answers = &responses[0, 0, 0]
    for delay in feedback_delays:
        block = min(block, delay)
    clipped[:] = 0
    with nogil:
        for group in range((members.shape[0] + LANES - 1) // LANES):
            seat_sequences(members, starts, lengths, group, &seats)
            begin_alone(&seats, drive.state, noise_keys, state, &bath)
            if begin > 0:
                go_on(carried, state, &bath)
            else:
                begin_together(beginning, amplitudes)
                history[:, :] = reciprocal_root(<real> drive.state)
            sums[:, :, :] = 0
            for time in range(begin, min(end, seats.longest)):
                gather_inputs(
                    frames, center, scale, taps, seats.start, seats.length, time, inputs
                )
                tabulate(mask_rows, rows_are_sums, inputs, table)
                mark_inside(&seats, time, range_starts, range_ends, inside, n_inside)
                for lane in range(LANES):
                    outside[lane] = 0
                node = 0
                while node < n_nodes:
                    size = min(<Py_ssize_t> NODES // n_drives, n_nodes - node)
                    first = node * n_drives
                    n_columns = size * n_drives
                    if mask_rows.shape[0] > 0:
                        add_rows(table, mask_rows, first, n_columns, current)
                    else:
                        weigh(
                            &inputs[0, 0], inputs.shape[0], LANES, &mask_weights[first, 0],
                            n_columns, current,
                        )
                    add_bias(bias, first, n_columns, current)
                    add_wander(wander, seats.start, seats.length, time, n_columns, current)
                    play_nodes(
                        size, block, time * n_nodes + node, feedback_delays, history,
                        drive, flow, ensemble, &exchange[0, 0, 0], reading, variable,
                        transparent, state, &bath, amplitudes, current, answers, outside,
                    )
                    for k in range(inside.shape[0]):
                        if n_inside[k] > 0:
                            add_to_sums(
                                answers, &inside[k, 0], n, NODES * LANES, n_nodes, size,
                                k >= inside.shape[0] - n_squared, &sums[k, node, 0],
                            )
                    if states.shape[1] > 0:
                        write_states(
                            answers, &seats, time, begin, n, NODES * LANES, n_nodes, node,
                            size, states,
                        )
                    node += size
                count_clipped(outside, &seats, time, clipped)
            write_means(sums, &seats, range_starts, range_ends, pooled)
            carry(state, &bath, carried)
