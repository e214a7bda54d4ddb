"""Filter a waveform into the channels of an ear, rectify, compress or smooth, sample.

`gammatone`: parallel filters. Channels are worked on CHANNELS at a time, side by side, with
all their states on the stack; time is the outer loop. Each filter is Slaney's cascade of
four sections with the same pair of poles,

    y[n] = x[n] + zero x[n-1] - pole_1 y[n-1] - pole_2 y[n-2]

in transposed direct form, which keeps two states a section.

`lyon`: one long cascade, in which every place hears what the place before it said. So that
all places work side by side, each is one sample behind the one before it:

    step     place 0     place 1     place 2
     t       y0[t]       y1[t-1]     y2[t-2]
     t+1     y0[t+1]     y1[t]       y2[t-1]

and the outputs of one sample stand on a diagonal. Gain control couples the places at one
sample, and works on the diagonals.
"""

from libc.string cimport memmove

cdef enum:
    CHANNELS = 20    # channels that are worked on side by side
    SECTIONS = 4
    PLACES = 24      # places of the cascade that are worked on side by side
    LINE = 8         # numbers in a cache line
    STEPS = 64       # samples between two passes over the diagonals
    STAGES = 4       # of gain control

# What the caller must know to lay out its arrays.
layout = {"places": PLACES, "line": LINE, "steps": STEPS, "stages": STAGES}

# Below this the filters' tails would become denormal numbers, which are slow.
cdef double WHISPER = 1e-40


def gammatone(
    const double[::1] waveform,         # IN  (n_samples,)
    const double[:, ::1] zeros,         # IN  (SECTIONS, n_channels)
    const double[:, ::1] poles,         # IN  (2, n_channels)
    const double[::1] gain,             # IN  (n_channels,)
    const double[::1] smoothing,        # IN  (5,) b0 b1 b2 a1 a2 of the low-pass
    const Py_ssize_t[::1] instants,     # IN  (n_frames,) samples to keep, ascending
    double[:, ::1] frames,              # OUT (n_frames, n_channels)
):
    """Smoothed, half-wave rectified output of every filter at the given instants."""
    cdef double[SECTIONS * CHANNELS] zero
    cdef double[SECTIONS * CHANNELS] first
    cdef double[SECTIONS * CHANNELS] second
    cdef double[CHANNELS] pole_1
    cdef double[CHANNELS] pole_2
    cdef double[CHANNELS] level
    cdef double[CHANNELS] smooth
    cdef double[CHANNELS] smooth_first
    cdef double[CHANNELS] smooth_second
    cdef Py_ssize_t block, begin, count, channel, section, i, sample, frame
    cdef double before, sound, signal
    cdef double b0 = smoothing[0], b1 = smoothing[1], b2 = smoothing[2]
    cdef double a1 = smoothing[3], a2 = smoothing[4]
    cdef double whisper = WHISPER
    with nogil:
        for block in range((gain.shape[0] + CHANNELS - 1) // CHANNELS):
            begin = block * CHANNELS
            count = min(<Py_ssize_t> CHANNELS, gain.shape[0] - begin)
            for channel in range(CHANNELS):
                i = begin + min(channel, count - 1)
                pole_1[channel] = poles[0, i]
                pole_2[channel] = poles[1, i]
                level[channel] = gain[i]
                smooth[channel] = 0.0
                smooth_first[channel] = 0.0
                smooth_second[channel] = 0.0
                for section in range(SECTIONS):
                    zero[section * CHANNELS + channel] = zeros[section, i]
                    first[section * CHANNELS + channel] = 0.0
                    second[section * CHANNELS + channel] = 0.0
            frame = 0
            for sample in range(waveform.shape[0]):
                sound = waveform[sample] + (whisper if sample % 2 else -whisper)
                for channel in range(CHANNELS):
                    signal = sound * level[channel]
                    # All sections of a channel before the next channel: what one says to
                    # the next stays in a register.
                    for section in range(SECTIONS):
                        i = section * CHANNELS + channel
                        before = signal
                        signal = before + first[i]
                        first[i] = second[i] + zero[i] * before - pole_1[channel] * signal
                        second[i] = -pole_2[channel] * signal
                    before = signal if signal > 0.0 else 0.0
                    signal = b0 * before + smooth_first[channel]
                    smooth_first[channel] = smooth_second[channel] + b1 * before - a1 * signal
                    smooth_second[channel] = b2 * before - a2 * signal
                    smooth[channel] = signal
                while frame < instants.shape[0] and instants[frame] == sample:
                    for channel in range(count):
                        frames[frame, begin + channel] = smooth[channel]
                    frame += 1


cdef inline void run_cascade(
    Py_ssize_t n_steps,
    Py_ssize_t width,
    const double* sections,     # IN    (5, width) b0 b1 b2 a1 a2 of PLACES places
    double* states,             # INOUT (2, width) of PLACES places
    double* wave,               # INOUT (1 + n_steps, LINE + width), row 0: the step before
) noexcept nogil:
    """Let PLACES places listen to the column before theirs, and say what they filter."""
    cdef double[5 * PLACES] section
    cdef double[PLACES] first
    cdef double[PLACES] second
    cdef Py_ssize_t step, k
    cdef const double* heard
    cdef double* said
    cdef double before, after
    for k in range(PLACES):
        for step in range(5):
            section[step * PLACES + k] = sections[step * width + k]
        first[k] = states[k]
        second[k] = states[width + k]
    for step in range(n_steps):
        heard = wave + step * (LINE + width) - 1
        said = wave + (step + 1) * (LINE + width)
        for k in range(PLACES):
            before = heard[k]
            after = section[k] * before + first[k]
            first[k] = (
                section[PLACES + k] * before - section[3 * PLACES + k] * after + second[k]
            )
            second[k] = section[2 * PLACES + k] * before - section[4 * PLACES + k] * after
            said[k] = after
    for k in range(PLACES):
        states[k] = first[k]
        states[width + k] = second[k]


cdef inline void control_gain(
    Py_ssize_t n_places,
    Py_ssize_t width,
    const double[:, ::1] control,   # IN  (STAGES, 3) weight of output, of states; limit
    const double* old,              # IN  (STAGES, LINE + width + LINE), places from LINE on
    double* new,                    # OUT (STAGES, LINE + width + LINE)
    double* sound,                  # INOUT (width,) rectified, then compressed
) noexcept nogil:
    cdef Py_ssize_t stage, k
    cdef const double* state = old
    cdef double* next_state = new
    cdef double output_weight, state_weight, limit, level, after
    for stage in range(STAGES):
        output_weight = control[stage, 0]
        state_weight = control[stage, 1]
        limit = control[stage, 2]
        for k in range(width):
            level = sound[k] - sound[k] * state[LINE + k]
            after = output_weight * level + state_weight * (
                state[LINE + k - 1] + state[LINE + k] + state[LINE + k + 1]
            )
            next_state[LINE + k] = limit if after > limit else after
            sound[k] = level
        # The outermost places have themselves as neighbours.
        next_state[LINE - 1] = next_state[LINE]
        next_state[LINE + n_places] = next_state[LINE + n_places - 1]
        state += LINE + width + LINE
        next_state += LINE + width + LINE


cdef inline void smooth_differences(
    Py_ssize_t width,
    double share,               # IN    of the new value in each of two running means
    const double* sound,        # IN    (-1 + width,) the first value is that before place 0
    double* first,              # INOUT (width,)
    double* second,             # INOUT (width,)
) noexcept nogil:
    cdef Py_ssize_t k
    cdef double value
    for k in range(width):
        value = sound[k - 1] - sound[k]
        value = value if value > WHISPER else WHISPER
        value = first[k] + share * (value - first[k])
        first[k] = value
        second[k] = second[k] + share * (value - second[k])


def lyon(
    const double[::1] waveform,         # IN  (n_samples,)
    const double[:, ::1] sections,      # IN  (5, width) b0 b1 b2 a1 a2, zeros after the places
    Py_ssize_t n_places,                # IN  at least 2, the channels are the last of them
    const double[:, ::1] control,       # IN  (STAGES, 3) weight of output, of states; limit
    double share,                       # IN  of a new value in the running means
    const Py_ssize_t[::1] instants,     # IN  (n_frames,) samples to keep, ascending
    double[:, ::1] wave,                # scratch (STEPS + n_places, LINE + width), zeros
    double[:, ::1] states,              # scratch (2, width), zeros
    double[:, :, ::1] gains,            # scratch (2, STAGES, LINE + width + LINE), zeros
    double[::1] sound,                  # scratch (LINE + width,), zeros
    double[:, ::1] means,               # scratch (2, width), zeros
    double[:, ::1] frames,              # OUT (n_frames, n_channels), the last place first
):
    """Smoothed, compressed, rectified output of Lyon's cascade at the given instants."""
    cdef Py_ssize_t width = sections.shape[1]
    cdef Py_ssize_t row = LINE + width
    cdef Py_ssize_t n_samples = waveform.shape[0]
    cdef Py_ssize_t n_channels = frames.shape[1]
    cdef Py_ssize_t lag = n_places - 1
    cdef Py_ssize_t block, start, step, chunk, sample, place, channel, frame = 0
    cdef const double* diagonal
    cdef double said
    with nogil:
        for block in range((n_samples + lag + STEPS - 1) // STEPS):
            start = block * STEPS
            for step in range(STEPS):
                # The whisper has a quarter of the sampling rate: the compensator stops
                # half of it, and none of it.
                wave[lag - 1 + step, LINE - 1] = WHISPER if step & 2 else -WHISPER
                if start + step < n_samples:
                    wave[lag - 1 + step, LINE - 1] += waveform[start + step]
            for chunk in range(width // PLACES):
                place = chunk * PLACES
                run_cascade(
                    STEPS, width, &sections[0, place], &states[0, place],
                    &wave[lag - 1, LINE + place],
                )
            for step in range(STEPS):
                sample = start + step - lag
                if not 0 <= sample < n_samples:
                    continue
                diagonal = &wave[step, LINE]
                for place in range(n_places):
                    said = diagonal[place * (row + 1)]
                    sound[LINE + place] = said if said > 0.0 else 0.0
                control_gain(
                    n_places, width, control,
                    &gains[sample & 1, 0, 0], &gains[1 - (sample & 1), 0, 0], &sound[LINE],
                )
                smooth_differences(width, share, &sound[LINE], &means[0, 0], &means[1, 0])
                while frame < instants.shape[0] and instants[frame] == sample:
                    for channel in range(n_channels):
                        frames[frame, channel] = means[1, n_places - 1 - channel]
                    frame += 1
            memmove(&wave[0, 0], &wave[STEPS, 0], lag * row * sizeof(double))
