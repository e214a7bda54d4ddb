"""Drive one oscillator with held currents and read its amplitude after each of them.

Every loop below runs over LANES numbers side by side, which the compiler turns into vector
instructions. The lanes are stretches of one sequence (`simulate`) or different sequences
(`multiplex`). Each lane sees the same operations in the same order whatever the others
hold, so a sequence's answer does not depend on its neighbours.

`multiplex` goes frame by frame:

    frames of LANES sequences -> currents (n_nodes, LANES), see `mask.pxd`
    -> amplitudes, node after node -> states, or sums over ranges of frames

Several coupled oscillators receive the same currents; their amplitudes follow one another,
first all nodes of the first oscillator, then those of the second, and so on.
"""

from libc.math cimport floor
from libc.stdint cimport uint64_t

from .elementary cimport real, reciprocal, reciprocal_root
from .ensemble cimport Ensemble, add_own_change
from .mask cimport (
    GROUP,
    LANES,
    PADDING,
    PATTERNS,
    add_rows,
    add_weighted_inputs,
    drive_to_current,
    gather_inputs,
    tabulate_signed_sums,
    tabulate_signs,
)
from .oscillator cimport HeldFlow, held_exponent, held_map
from .thermal cimport Reading, thermal_hold

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
    double* check,            # INOUT 0 as long as every current is finite, then NaN
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
    cdef double[LANES] zero
    cdef Py_ssize_t lane, step, i
    cdef double after
    stretches_to_lanes(current, n_steps, factor)
    for lane in range(LANES):
        zero[lane] = 0.0
    for step in range(n_steps):
        for lane in range(LANES):
            i = step * LANES + lane
            zero[lane] += 1.0 if factor[i] - factor[i] != 0.0 else 0.0
    for lane in range(LANES):
        check[0] += zero[lane]
    for i in range(n_steps * LANES):
        held_exponent(factor[i], flow, &factor[i], &source[i])
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
    cdef Py_ssize_t begin = 0, left, stretch, i
    cdef double check = 0.0
    while n_steps - begin >= STEPS * LANES:
        state = simulate_stretches(
            &current[begin], STEPS, flow, state, &amplitude[begin], &check
        )
        begin += STEPS * LANES
    left = n_steps - begin
    if left > 0:
        stretch = (left + LANES - 1) // LANES
        for i in range(stretch * LANES):
            padded[i] = current[begin + i if i < left else n_steps - 1]
        simulate_stretches(padded, stretch, flow, state, padded, &check)
        for i in range(left):
            amplitude[begin + i] = padded[i]
    return check == 0.0


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


cdef inline void take_stage(
    const Ensemble ensemble,
    const real* matrix,       # IN  (n_oscillators, n_oscillators, 2) M times a part
    const real* rates,        # IN  (n_drives, 2, LANES) growth and saturation per part
    const real* common,       # IN  (LANES,)
    real weight,              # of this stage in the result
    real ahead,               # where the next stage stands, as a share of the part
    const real* begin,        # IN  (n_oscillators, 2, LANES), as the following
    const real* estimate,     # IN  where this stage stands
    real* result,             # INOUT
    real* following,          # OUT where the next stage stands
) noexcept nogil:
    """One stage of a Runge-Kutta step over a part of a hold."""
    cdef Py_ssize_t i, j, k, lane, n = ensemble.n_oscillators
    cdef real weight_re, weight_im, shift = <real> ensemble.shift
    cdef const real* re
    cdef const real* im
    cdef const real* own = rates     # growth and saturation under the oscillator's drive
    cdef real[2 * LANES] change
    for i in range(n):
        for k in range(2 * LANES):
            change[k] = 0
        for j in range(n):
            weight_re = matrix[2 * (i * n + j)]
            weight_im = matrix[2 * (i * n + j) + 1]
            re = estimate + j * 2 * LANES
            im = re + LANES
            for lane in range(LANES):
                change[lane] += weight_re * re[lane] - weight_im * im[lane]
                change[LANES + lane] += weight_re * im[lane] + weight_im * re[lane]
        re = estimate + i * 2 * LANES
        im = re + LANES
        if ensemble.n_drives > 1:
            own = rates + i * 2 * LANES
        for lane in range(LANES):
            add_own_change(
                own[lane], own[LANES + lane], shift, common[lane],
                re[lane], im[lane], &change[lane], &change[LANES + lane],
            )
        for k in range(2 * LANES):
            result[i * 2 * LANES + k] += weight * change[k]
            following[i * 2 * LANES + k] = begin[i * 2 * LANES + k] + ahead * change[k]


cdef inline void respond_together(
    Py_ssize_t n_steps,
    const HeldFlow flow,      # of a part of a hold
    const Ensemble ensemble,
    const real* matrix,       # IN  (n_oscillators, n_oscillators, 2) M times a part
    real* amplitudes,         # INOUT (n_oscillators, 2, LANES)
    real* working,            # (4, n_oscillators, 2, LANES) memory
    const real* current,      # IN  (n_steps, n_drives, LANES)
    real* response,           # OUT (n_oscillators, NODES, LANES), n_steps of each
) noexcept nogil:
    """Amplitudes of coupled oscillators over some holds of LANES sequences."""
    cdef Py_ssize_t step, _part, i, k, lane, n = ensemble.n_oscillators
    cdef Py_ssize_t size = 2 * n * LANES
    cdef real* result = working
    cdef real* one = working + size
    cdef real* other = working + 2 * size
    cdef real* rates = working + 3 * size
    cdef real* re
    cdef real* im
    cdef real[LANES] common
    cdef real power, factor, half = <real> 0.5, sixth = <real> (1.0 / 6.0)
    cdef real lowest = <real> (1.0 / flow.largest)
    cdef real tiny = <real> 1e-30
    for step in range(n_steps):
        for i in range(ensemble.n_drives):
            for lane in range(LANES):
                power = current[(step * ensemble.n_drives + i) * LANES + lane]
                rates[i * 2 * LANES + lane] = -half * (
                    <real> flow.exponent_slope * power + <real> flow.exponent_offset
                )
                rates[(i * 2 + 1) * LANES + lane] = half * (
                    <real> flow.source_slope * power + <real> flow.source_offset
                )
        for _part in range(ensemble.n_parts):
            for lane in range(LANES):
                common[lane] = 0
            for k in range(2 * n):
                for lane in range(LANES):
                    common[lane] += amplitudes[k * LANES + lane] ** 2
            for lane in range(LANES):
                common[lane] /= n
            for k in range(size):
                result[k] = amplitudes[k]
            take_stage(
                ensemble, matrix, rates, common, sixth, half,
                amplitudes, amplitudes, result, one,
            )
            take_stage(
                ensemble, matrix, rates, common, 2 * sixth, half,
                amplitudes, one, result, other,
            )
            take_stage(
                ensemble, matrix, rates, common, 2 * sixth, 1,
                amplitudes, other, result, one,
            )
            take_stage(
                ensemble, matrix, rates, common, sixth, 0,
                amplitudes, one, result, other,
            )
            for i in range(n):
                re = result + i * 2 * LANES
                im = re + LANES
                for lane in range(LANES):
                    power = re[lane] * re[lane] + im[lane] * im[lane]
                    factor = tiny if power < tiny else power
                    factor = lowest * reciprocal(factor)
                    factor = factor * reciprocal_root(factor) if power < lowest else 1
                    amplitudes[i * 2 * LANES + lane] = factor * re[lane]
                    amplitudes[(i * 2 + 1) * LANES + lane] = factor * im[lane]
        for i in range(n):
            re = amplitudes + i * 2 * LANES
            im = re + LANES
            for lane in range(LANES):
                power = re[lane] * re[lane] + im[lane] * im[lane]
                response[(i * NODES + step) * LANES + lane] = power * reciprocal_root(power)


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


def multiplex(
    const real[:, ::1] frames,               # IN  (n_frames, n_channels), packed sequences
    const Py_ssize_t[::1] starts,            # IN  (n_sequences,) first frame
    const Py_ssize_t[::1] lengths,           # IN  (n_sequences,)
    const Py_ssize_t[::1] members,           # IN  sequences to work on, LANES at a time
    const real[::1] center,                  # IN  (n_channels,) input = (frame - center) * scale
    const real[::1] scale,                   # IN  (n_channels,)
    const Py_ssize_t[::1] taps,              # IN  (n_taps,) frame delays, the first is 0
    const int[:, ::1] rows,                  # IN  (n_nodes, n_terms) of a mask of signs
    bint grouped,                            # IN  whether they are rows of signed sums
    const real[:, ::1] weights,              # IN  (n_nodes, n_inputs) of any other mask
    const real[::1] bias,                    # IN  (n_nodes * n_drives,) added to the product, or none
    const Py_ssize_t[::1] delays,            # IN  of the feedback, in nodes; or none
    const real[::1] wander,                  # IN  (n_frames,) added likewise, or none
    const uint64_t[::1] keys,                # IN  (n_sequences,) of thermal noise
    Reading reading,
    int variable,                            # IN  what is read, 0: the amplitude
    HeldFlow flow,                           # IN  of a hold, or of a part if several
    Drive drive,
    Ensemble ensemble,                       # IN  n_drives: 1, or one for each of them
    const real[:, :, ::1] matrix,            # IN  (n_oscillators, n_oscillators, 2) per part
    const real[:, ::1] beginning,            # IN  (n_oscillators, 2) amplitudes at the start
    const Py_ssize_t[:, ::1] first,          # IN  (n_sequences, n_ranges) frames to sum over
    const Py_ssize_t[:, ::1] last,           # IN  (n_sequences, n_ranges) one past the last
    real[:, ::1] inputs,                     # scratch (n_inputs rounded up, LANES), zeros
    real[:, ::1] table,                      # scratch (n_rows, LANES)
    real[:, ::1] history,                    # scratch (longest delay + STEPS, LANES)
    real[:, :, :, ::1] amplitudes,           # scratch (5, n_oscillators, 2, LANES)
    real[:, :, ::1] responses,               # scratch (n_oscillators, NODES, LANES)
    real[:, :, ::1] sums,                    # scratch (n_ranges, n_features, LANES)
    real[:, ::1] states,                     # OUT (n_frames, n_features), or no columns
    real[:, :, ::1] pooled,                  # OUT (n_sequences, n_ranges, n_features)
    Py_ssize_t[::1] clipped,                 # OUT (n_sequences,) clipped node values
):
    """Node amplitudes of many sequences, as states or averaged over ranges of frames.

    There are n_features = n_oscillators * n_nodes of them. The mask has n_nodes * n_drives
    columns: the drives of the first node, then those of the second, and so on.
    """
    cdef Py_ssize_t n_drives = ensemble.n_drives
    cdef Py_ssize_t n_nodes = max(rows.shape[0], weights.shape[0]) // n_drives
    cdef Py_ssize_t n_ranges = first.shape[1]
    cdef bint signs = rows.shape[0] > 0
    cdef bint wants_states = states.shape[1] > 0
    cdef bint bathed = variable > 0 or reading.bath > 0
    cdef uint64_t[LANES] key
    cdef double[LANES] inverse
    cdef double[LANES] phase
    cdef real[NODES * LANES] amplitude
    cdef real* heard          # amplitudes of the first oscillator, for the feedback
    cdef Py_ssize_t block = STEPS
    cdef Py_ssize_t group, lane, member, time, longest, node, begin, size, step, k, i
    cdef Py_ssize_t past, present, delay
    cdef Py_ssize_t[LANES] sequence
    cdef Py_ssize_t[LANES] start
    cdef Py_ssize_t[LANES] length
    cdef real[LANES] state
    cdef real[LANES] outside
    cdef real[LANES] weight
    cdef real[NODES * LANES] current
    cdef real* held
    cdef real* answers = current     # of every oscillator to these nodes; one writes in place
    cdef real* answer
    cdef real* total
    cdef real mean
    cdef bint active
    cdef Py_ssize_t n = ensemble.n_oscillators, oscillator, column
    if n > 1:
        answers = &responses[0, 0, 0]
    heard = answers
    if bathed:
        heard = amplitude
    for delay in delays:
        block = min(block, delay)
    with nogil:
        for group in range((members.shape[0] + LANES - 1) // LANES):
            longest = 0
            for lane in range(LANES):
                member = -1
                if group * LANES + lane < members.shape[0]:
                    member = members[group * LANES + lane]
                sequence[lane] = member
                start[lane] = starts[member] if member >= 0 else 0
                length[lane] = lengths[member] if member >= 0 else 0
                longest = max(longest, length[lane])
                state[lane] = <real> drive.state
                inverse[lane] = drive.state
                phase[lane] = 0
                key[lane] = keys[member] if member >= 0 else 0
                if member >= 0:
                    clipped[member] = 0
            for oscillator in range(n):
                for lane in range(LANES):
                    amplitudes[0, oscillator, 0, lane] = beginning[oscillator, 0]
                    amplitudes[0, oscillator, 1, lane] = beginning[oscillator, 1]
            sums[:, :, :] = 0
            history[:, :] = reciprocal_root(<real> drive.state)
            present = 0
            for time in range(longest):
                gather_inputs(frames, center, scale, taps, start, length, time, inputs)
                if grouped:
                    tabulate_signed_sums(inputs, table)
                elif signs:
                    tabulate_signs(inputs, table)
                for lane in range(LANES):
                    outside[lane] = 0
                node = 0
                while node < n_nodes:
                    size = min(<Py_ssize_t> NODES // n_drives, n_nodes - node)
                    if signs:
                        add_rows(table, rows, node * n_drives, size * n_drives, current)
                    else:
                        add_weighted_inputs(
                            inputs, weights, node * n_drives, size * n_drives, current
                        )
                    begin = 0
                    while begin < size:
                        step = min(block, size - begin)
                        held = &current[begin * n_drives * LANES]
                        if bias.shape[0] > 0:
                            for i in range(step * n_drives):
                                for lane in range(LANES):
                                    held[i * LANES + lane] += bias[
                                        (node + begin) * n_drives + i
                                    ]
                        if wander.shape[0] > 0:
                            for lane in range(LANES):
                                if time < length[lane]:
                                    for i in range(step * n_drives):
                                        held[i * LANES + lane] += wander[start[lane] + time]
                        for delay in range(delays.shape[0]):
                            past = present - delays[delay]
                            for i in range(step * n_drives):
                                k = (past + i // n_drives) % history.shape[0]
                                if k < 0:
                                    k += history.shape[0]
                                for lane in range(LANES):
                                    held[i * LANES + lane] += <real> (
                                        drive.feedback_gain / drive.gain
                                    ) * (history[k, lane] - <real> drive.reference)
                        drive_to_current(
                            step * n_drives, <real> drive.gain, <real> drive.offset,
                            <real> drive.lowest, <real> drive.highest, held, outside,
                        )
                        if bathed:
                            respond_in_bath(
                                step, flow, reading, variable, key,
                                time * n_nodes + node + begin, inverse, phase, held,
                                amplitude + begin * LANES,
                            )
                        elif n == 1:
                            respond(step, flow, state, held, held)
                        else:
                            respond_together(
                                step, flow, ensemble, &matrix[0, 0, 0], &amplitudes[0, 0, 0, 0],
                                &amplitudes[1, 0, 0, 0], held, answers + begin * LANES,
                            )
                        if delays.shape[0] > 0:
                            for i in range(step):
                                k = (present + i) % history.shape[0]
                                for lane in range(LANES):
                                    mean = 0
                                    for oscillator in range(n):
                                        mean += heard[
                                            (oscillator * NODES + begin + i) * LANES + lane
                                        ]
                                    history[k, lane] = mean / n
                            present = (present + step) % history.shape[0]
                        begin += step
                    for k in range(n_ranges):
                        active = False
                        for lane in range(LANES):
                            weight[lane] = 0
                            member = sequence[lane]
                            if member >= 0 and first[member, k] <= time < last[member, k]:
                                weight[lane] = 1
                                active = True
                        if active:
                            for oscillator in range(n):
                                answer = answers + oscillator * NODES * LANES
                                total = &sums[k, oscillator * n_nodes + node, 0]
                                for i in range(size):
                                    for lane in range(LANES):
                                        total[i * LANES + lane] += (
                                            weight[lane] * answer[i * LANES + lane]
                                        )
                    if wants_states:
                        for oscillator in range(n):
                            answer = answers + oscillator * NODES * LANES
                            column = oscillator * n_nodes + node
                            for lane in range(LANES):
                                if time < length[lane]:
                                    for i in range(size):
                                        states[start[lane] + time, column + i] = (
                                            answer[i * LANES + lane]
                                        )
                    node += size
                for lane in range(LANES):
                    if time < length[lane]:
                        clipped[sequence[lane]] += <Py_ssize_t> outside[lane]
            for lane in range(LANES):
                member = sequence[lane]
                if member < 0:
                    continue
                for k in range(n_ranges):
                    for column in range(n * n_nodes):
                        pooled[member, k, column] = (
                            sums[k, column, lane] / (last[member, k] - first[member, k])
                        )
