"""Filter a waveform into the channels of an ear: gammatone, rectify, smooth, sample.

Channels are worked on CHANNELS at a time, side by side, with all their states on the
stack; time is the outer loop. Each gammatone filter is Slaney's cascade of four sections
with the same pair of poles,

    y[n] = x[n] + zero x[n-1] - pole_1 y[n-1] - pole_2 y[n-2]

in transposed direct form, which keeps two states a section.
"""

cdef enum:
    CHANNELS = 32    # channels that are worked on side by side
    SECTIONS = 4


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
    cdef double[CHANNELS] signal
    cdef double[CHANNELS] smooth
    cdef double[CHANNELS] smooth_first
    cdef double[CHANNELS] smooth_second
    cdef Py_ssize_t block, begin, count, channel, section, i, sample, frame
    cdef double before, sound
    cdef double b0 = smoothing[0], b1 = smoothing[1], b2 = smoothing[2]
    cdef double a1 = smoothing[3], a2 = smoothing[4]
    # Below this the filters' tails would become denormal numbers, which are slow.
    cdef double whisper = 1e-40
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
                    signal[channel] = sound * level[channel]
                for section in range(SECTIONS):
                    for channel in range(CHANNELS):
                        i = section * CHANNELS + channel
                        before = signal[channel]
                        signal[channel] = before + first[i]
                        first[i] = (
                            zero[i] * before
                            - pole_1[channel] * signal[channel]
                            + second[i]
                        )
                        second[i] = -pole_2[channel] * signal[channel]
                for channel in range(CHANNELS):
                    before = signal[channel] if signal[channel] > 0.0 else 0.0
                    smooth[channel] = b0 * before + smooth_first[channel]
                    smooth_first[channel] = (
                        b1 * before - a1 * smooth[channel] + smooth_second[channel]
                    )
                    smooth_second[channel] = b2 * before - a2 * smooth[channel]
                while frame < instants.shape[0] and instants[frame] == sample:
                    for channel in range(count):
                        frames[frame, begin + channel] = smooth[channel]
                    frame += 1
