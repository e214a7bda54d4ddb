"""Which sequence sits in which lane, and what becomes of the answers of the lanes.

LANES sequences are played side by side, frame by frame. They may have different lengths: a
lane goes on after its sequence has ended, but nothing of it is kept.

    answers of some nodes in one frame -> states of the frame
                                       -> sums over ranges of frames -> means
"""

from .elementary cimport real
from .mask cimport LANES


cdef struct Seats:            # which sequence each lane plays
    Py_ssize_t[LANES] sequence    # -1: the lane is empty
    Py_ssize_t[LANES] start       # its first frame
    Py_ssize_t[LANES] length      # its number of frames, 0 in an empty lane
    Py_ssize_t longest


cdef inline void seat_sequences(
    const Py_ssize_t[::1] members,
    const Py_ssize_t[::1] starts,
    const Py_ssize_t[::1] lengths,
    Py_ssize_t group,
    Seats* seats,                        # OUT
) noexcept nogil:
    """Give every lane a sequence, LANES members after those of the group before."""
    cdef Py_ssize_t lane, member
    seats.longest = 0
    for lane in range(LANES):
        member = -1
        if group * LANES + lane < members.shape[0]:
            member = members[group * LANES + lane]
        seats.sequence[lane] = member
        seats.start[lane] = starts[member] if member >= 0 else 0
        seats.length[lane] = lengths[member] if member >= 0 else 0
        seats.longest = max(seats.longest, seats.length[lane])


cdef inline void mark_inside(
    const Seats* seats,
    Py_ssize_t time,
    const Py_ssize_t[:, ::1] range_starts,   # IN  (n_sequences, n_ranges)
    const Py_ssize_t[:, ::1] range_ends,     # IN  (n_sequences, n_ranges)
    real[:, ::1] inside,                     # OUT (n_ranges, LANES) 1 inside the range, else 0
    real[::1] n_inside,                      # OUT (n_ranges,) how many lanes are inside
) noexcept nogil:
    """Find the sequences that are inside each of their ranges now."""
    cdef Py_ssize_t lane, member, k
    cdef real here
    for k in range(inside.shape[0]):
        n_inside[k] = 0
    for lane in range(LANES):
        member = max(seats.sequence[lane], <Py_ssize_t> 0)
        for k in range(inside.shape[0]):
            # Without a jump, which the processor would have to guess.
            here = (
                (seats.sequence[lane] >= 0)
                & (range_starts[member, k] <= time)
                & (time < range_ends[member, k])
            )
            inside[k, lane] = here
            n_inside[k] += here


cdef inline void add_to_sums(
    const real* answers,                 # IN  (size, LANES) of each oscillator
    const real* inside,                  # IN  (LANES,) 1 or 0
    Py_ssize_t n_oscillators,
    Py_ssize_t stride,                   # from one oscillator's answers to the next one's
    Py_ssize_t n_nodes,
    Py_ssize_t size,
    bint squared,                        # whether the squares of the answers are added
    real* sums,                          # INOUT (n_oscillators, n_nodes, LANES)
) noexcept nogil:
    """Add the answers of some nodes to the sums of a range, where they belong to it."""
    cdef Py_ssize_t oscillator, i, lane
    cdef const real* answer
    cdef real* total
    for oscillator in range(n_oscillators):
        answer = answers + oscillator * stride
        total = sums + oscillator * n_nodes * LANES
        if squared:
            for i in range(size):
                for lane in range(LANES):
                    total[i * LANES + lane] += inside[lane] * (
                        answer[i * LANES + lane] * answer[i * LANES + lane]
                    )
            continue
        for i in range(size):
            for lane in range(LANES):
                total[i * LANES + lane] += inside[lane] * answer[i * LANES + lane]


cdef inline void write_states(
    const real* answers,                 # IN  (size, LANES) of each oscillator
    const Seats* seats,
    Py_ssize_t time,
    Py_ssize_t begin,                    # first frame of each sequence that has a row
    Py_ssize_t n_oscillators,
    Py_ssize_t stride,                   # from one oscillator's answers to the next one's
    Py_ssize_t n_nodes,
    Py_ssize_t node,
    Py_ssize_t size,
    real[:, ::1] states,                 # OUT (n_frames, n_oscillators * n_nodes)
) noexcept nogil:
    """Write the answers of some nodes to the frames of the sequences that still run."""
    cdef Py_ssize_t oscillator, column, lane, i
    cdef const real* answer
    for oscillator in range(n_oscillators):
        answer = answers + oscillator * stride
        column = oscillator * n_nodes + node
        for lane in range(LANES):
            if time < seats.length[lane]:
                for i in range(size):
                    states[seats.start[lane] + time - begin, column + i] = (
                        answer[i * LANES + lane]
                    )


cdef inline void write_means(
    const real[:, :, ::1] sums,          # IN  (n_ranges, n_features, LANES)
    const Seats* seats,
    const Py_ssize_t[:, ::1] range_starts,
    const Py_ssize_t[:, ::1] range_ends,
    real[:, :, ::1] pooled,              # OUT (n_sequences, n_ranges, n_features)
) noexcept nogil:
    """Divide the sums of every sequence by the lengths of its ranges."""
    cdef Py_ssize_t lane, member, k, column
    for lane in range(LANES):
        member = seats.sequence[lane]
        if member < 0:
            continue
        for k in range(sums.shape[0]):
            for column in range(sums.shape[1]):
                pooled[member, k, column] = (
                    sums[k, column, lane] / (range_ends[member, k] - range_starts[member, k])
                )


cdef inline void count_clipped(
    const real* outside,                 # IN  (LANES,) values of this frame
    const Seats* seats,
    Py_ssize_t time,
    Py_ssize_t[::1] clipped,             # INOUT (n_sequences,)
) noexcept nogil:
    """Count the clipped values of the sequences that still run."""
    cdef Py_ssize_t lane
    for lane in range(LANES):
        if time < seats.length[lane]:
            clipped[seats.sequence[lane]] += <Py_ssize_t> outside[lane]
