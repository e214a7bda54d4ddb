"""From frames to currents: inputs of LANES sequences side by side, times the mask.

    frames of LANES sequences -> inputs (n_inputs, LANES), the earlier frames as taps
    -> mask product: drive (n_nodes, LANES) -> bias and wander are added
    -> currents, clipped to the range

Masks of one size of weight need no multiplication. Where every node hears every input with a
sign, inputs are taken GROUP at a time: the 16 sums with all patterns of signs are tabulated
once a frame, and each node adds one row a group. Where a node hears a few inputs only, the
table holds the inputs and their negatives, and each node adds the rows it hears.
"""

from libc.string cimport memcpy

from .elementary cimport real

cdef enum:
    LANES = 32       # numbers that are worked on side by side
    GROUP = 4        # inputs that one table of signed sums covers
    PATTERNS = 16    # 2 ** GROUP
    TOGETHER = 4     # tables, or inputs, that are added in one pass
    PADDING = 16     # GROUP * TOGETHER: the number of inputs is rounded up to this


cdef inline void gather_inputs(
    const real[:, ::1] frames,          # IN  (n_frames, n_channels)
    const real[::1] center,             # IN  (n_channels,)
    const real[::1] scale,              # IN  (n_channels,)
    const Py_ssize_t[::1] taps,         # IN  frame delays
    const Py_ssize_t* start,            # IN  (LANES,) first frame of each sequence
    const Py_ssize_t* length,           # IN  (LANES,)
    Py_ssize_t time,
    real[:, ::1] inputs,                # OUT (n_inputs, LANES)
) noexcept nogil:
    """The frames of one instant, side by side; ended sequences read zero."""
    cdef Py_ssize_t n_channels = frames.shape[1]
    cdef Py_ssize_t lane, tap, channel, frame
    for lane in range(LANES):
        for tap in range(taps.shape[0]):
            if time >= length[lane]:
                for channel in range(n_channels):
                    inputs[tap * n_channels + channel, lane] = 0
                continue
            frame = start[lane] + max(time - taps[tap], <Py_ssize_t> 0)
            for channel in range(n_channels):
                inputs[tap * n_channels + channel, lane] = (
                    frames[frame, channel] - center[channel]
                ) * scale[channel]


cdef inline void tabulate_signed_sums(
    const real[:, ::1] inputs,          # IN  (n_groups * GROUP, LANES)
    real[:, ::1] table,                 # OUT (n_groups * PATTERNS, LANES)
) noexcept nogil:
    """Row 16 g + s = sum of the inputs of group g, + where the bit of s is set, else -."""
    cdef Py_ssize_t group, pattern, bit, rest, lane
    cdef const real* first
    cdef real[PATTERNS * LANES] entries
    for group in range(table.shape[0] // PATTERNS):
        first = &inputs[GROUP * group, 0]
        for lane in range(LANES):
            entries[lane] = -(
                (first[lane] + first[LANES + lane])
                + (first[2 * LANES + lane] + first[3 * LANES + lane])
            )
        for bit in range(GROUP):
            for rest in range(1 << bit):
                pattern = rest + (1 << bit)
                for lane in range(LANES):
                    entries[pattern * LANES + lane] = (
                        entries[rest * LANES + lane] + 2 * first[bit * LANES + lane]
                    )
        memcpy(&table[group * PATTERNS, 0], entries, sizeof(entries))


cdef inline void tabulate_signs(
    const real[:, ::1] inputs,          # IN  (n_inputs, LANES)
    real[:, ::1] table,                 # OUT (2 * n_inputs, LANES)
) noexcept nogil:
    """Rows 2 i and 2 i + 1 = input i and its negative."""
    cdef Py_ssize_t i, lane
    for i in range(table.shape[0] // 2):
        for lane in range(LANES):
            table[2 * i, lane] = inputs[i, lane]
            table[2 * i + 1, lane] = -inputs[i, lane]


cdef inline void tabulate(
    const int[:, ::1] rows,             # IN  (n_nodes, n_terms), or none
    bint rows_are_sums,                 # whether the rows are signed sums, or signed inputs
    const real[:, ::1] inputs,          # IN  (n_inputs, LANES)
    real[:, ::1] table,                 # OUT (n_rows, LANES)
) noexcept nogil:
    """Lay out the rows that a mask of signs adds; any other mask has none."""
    if rows_are_sums:
        tabulate_signed_sums(inputs, table)
    elif rows.shape[0] > 0:
        tabulate_signs(inputs, table)


cdef inline void add_rows(
    const real[:, ::1] table,                # IN  (n_rows, LANES)
    const int[:, ::1] rows,                  # IN  (n_nodes, n_terms), a multiple of TOGETHER
    Py_ssize_t node,
    Py_ssize_t n_nodes,
    real* drive,                             # OUT (n_nodes, LANES)
) noexcept nogil:
    """Mask product for the nodes from `node` on: sums of rows of the table."""
    cdef Py_ssize_t four, offset, lane
    cdef const real* first
    cdef const real* second
    cdef const real* third
    cdef const real* fourth
    cdef const int* term
    cdef real* sums
    cdef real[LANES] entry    # on the stack, so that the compiler sees no overlap
    for offset in range(n_nodes * LANES):
        drive[offset] = 0
    for four in range(rows.shape[1] // TOGETHER):
        for offset in range(n_nodes):
            term = &rows[node + offset, four * TOGETHER]
            first = &table[term[0], 0]
            second = &table[term[1], 0]
            third = &table[term[2], 0]
            fourth = &table[term[3], 0]
            sums = &drive[offset * LANES]
            for lane in range(LANES):
                entry[lane] = (first[lane] + second[lane]) + (
                    third[lane] + fourth[lane]
                )
            for lane in range(LANES):
                sums[lane] += entry[lane]


cdef inline void add_bias(
    const real[::1] bias,                # IN  (n_nodes * n_drives,), or none
    Py_ssize_t first,                    # of the columns
    Py_ssize_t n_columns,
    real* drive,                         # INOUT (n_columns, LANES)
) noexcept nogil:
    """Add what every node receives in each frame."""
    cdef Py_ssize_t i, lane
    if bias.shape[0] > 0:
        for i in range(n_columns):
            for lane in range(LANES):
                drive[i * LANES + lane] += bias[first + i]


cdef inline void add_wander(
    const real[::1] wander,              # IN  (n_frames,), or none
    const Py_ssize_t* start,             # IN  (LANES,) first frame of each sequence
    const Py_ssize_t* length,            # IN  (LANES,)
    Py_ssize_t time,
    Py_ssize_t n_columns,
    real* drive,                         # INOUT (n_columns, LANES)
) noexcept nogil:
    """Add what all nodes receive in this frame."""
    cdef real[LANES] added    # ended sequences receive nothing
    cdef Py_ssize_t i, lane
    if wander.shape[0] > 0:
        for lane in range(LANES):
            added[lane] = 0
            if time < length[lane]:
                added[lane] = wander[start[lane] + time]
        for i in range(n_columns):
            for lane in range(LANES):
                drive[i * LANES + lane] += added[lane]


cdef inline void drive_to_current(
    Py_ssize_t n_steps,
    real gain,
    real offset,
    real lowest,
    real highest,
    real* drive,              # INOUT (n_steps, LANES) drive, then the current
    real* outside,            # INOUT (LANES,) how many values were clipped
) noexcept nogil:
    cdef Py_ssize_t step, lane, i
    cdef real value, bounded
    cdef real one = 1, none = 0
    for step in range(n_steps):
        for lane in range(LANES):
            i = step * LANES + lane
            value = gain * drive[i] + offset
            bounded = lowest if value < lowest else value
            bounded = highest if bounded > highest else bounded
            outside[lane] += one if bounded != value else none
            drive[i] = bounded
