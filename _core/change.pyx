"""Ranges of a sequence in which it changes by equal amounts: how fast does it change, and when?

The frames are smoothed by the binomial weights 1 4 6 4 1 over 16, a Gaussian with a standard
deviation of one frame, and the first and the last frame repeat beyond the ends. The change of
frame t is the distance between the smoothed frames t - 1 and t, so the weights of the six
frames t - 3 to t + 2 are -1 -3 -2 2 3 1 over 16.
"""

from libc.math cimport HUGE_VAL, ceil, floor, sqrt

ctypedef fused real:
    float
    double

cdef enum:
    REACH = 6    # frames that the smoothed difference of one frame hears

cdef double[REACH] WEIGHTS = [-1 / 16., -3 / 16., -2 / 16., 2 / 16., 3 / 16., 1 / 16.]
cdef double TIE = 1e-9    # frames by which a border may miss a whole number through rounding


cdef void measure_change(
    const real* frames,              # IN  (length, n_channels)
    Py_ssize_t length,
    Py_ssize_t n_channels,
    const double* scale,             # IN  (n_channels,) of each channel
    double* running,                 # OUT (length + 1,) sums of the change up to each frame
) noexcept nogil:
    cdef Py_ssize_t time, tap, channel, frame
    cdef Py_ssize_t[REACH] rows    # where the six frames begin
    cdef double difference, square
    running[0] = 0
    for time in range(length):
        for tap in range(REACH):
            frame = min(max(time + tap - 3, <Py_ssize_t> 0), length - 1)
            rows[tap] = frame * n_channels
        square = 0
        for channel in range(n_channels):
            difference = 0
            for tap in range(REACH):
                difference += WEIGHTS[tap] * scale[channel] * <double> frames[rows[tap] + channel]
            square += difference * difference
        running[time + 1] = running[time] + sqrt(square)


cdef void spread_evenly(
    double floor_share,              # of a uniform change that is added, over the mean change
    Py_ssize_t length,
    double* running,                 # INOUT (length + 1,) sums of the change; then from 0 to 1
) noexcept nogil:
    cdef Py_ssize_t time
    cdef double total = running[length]
    for time in range(length + 1):
        if 0 < total < HUGE_VAL:
            running[time] = (running[time] / total + floor_share * time / length) / (
                1 + floor_share
            )
        else:
            running[time] = <double> time / length


cdef void cut(
    const double* running,           # IN  (length + 1,) rises from 0 to 1
    Py_ssize_t length,
    Py_ssize_t n_ranges,
    Py_ssize_t* first,               # OUT (n_ranges,) first frame
    Py_ssize_t* last,                # OUT (n_ranges,) one past the last
) noexcept nogil:
    cdef Py_ssize_t border, time = 0
    cdef double share, place, rise
    first[0] = 0
    last[n_ranges - 1] = length
    for border in range(1, n_ranges):
        share = <double> border / n_ranges
        while time < length - 1 and running[time + 1] < share:
            time += 1
        rise = running[time + 1] - running[time]
        place = time + ((share - running[time]) / rise if rise > 0 else 0.)
        place = min(max(place, 0.), <double> length)
        last[border - 1] = max(<Py_ssize_t> ceil(place - TIE), <Py_ssize_t> 1)
        first[border] = min(<Py_ssize_t> floor(place + TIE), length - 1)


def change_ranges(
    const real[:, ::1] frames,               # IN  (n_frames, n_channels)
    const Py_ssize_t[::1] starts,            # IN  (n_sequences,) first frame
    const Py_ssize_t[::1] lengths,           # IN  (n_sequences,)
    const double[::1] scale,                 # IN  (n_channels,) of each channel
    double floor_share,
    double[::1] running,                     # OUT (longest length + 1,) to work in
    Py_ssize_t[:, ::1] range_starts,         # OUT (n_sequences, n_ranges)
    Py_ssize_t[:, ::1] range_ends,           # OUT (n_sequences, n_ranges)
):
    """First frame, and one past the last, of ranges in which each sequence changes alike."""
    cdef Py_ssize_t k, n_ranges = range_starts.shape[1]
    with nogil:
        for k in range(starts.shape[0]):
            measure_change(
                &frames[starts[k], 0], lengths[k], frames.shape[1], &scale[0], &running[0]
            )
            spread_evenly(floor_share, lengths[k], &running[0])
            cut(&running[0], lengths[k], n_ranges, &range_starts[k, 0], &range_ends[k, 0])
