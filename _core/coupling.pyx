"""Coupled auto-oscillators under injected tones, followed by a fourth-order step.

Slavin and Tiberkevich (IEEE Trans. Magn. 45, 1875, 2009), for the complex amplitude c of
every oscillator, in a frame that turns at a reference frequency:

    dc/dt = -i (W + N (|c|^2 - p0)) c + (a/2 - b/2 |c|^2) c
            + sum_j K_ij c_j + sum_s F_s exp(-i D_s t) + V exp(-i D t) conj(c) + noise

W is the oscillator's frequency at rest, D_s a tone's, both against the reference. D is the
frequency of a pump against twice the reference. A turn by W is exact (an integrating factor:
Lawson, SIAM J. Numer. Anal. 4, 372, 1967), and a Runge-Kutta step of fourth order follows what
is left, which varies slowly; with noise, the two-stage (Heun) step of weak order two.

Everything is laid out in blocks of LANES numbers side by side: a `cell` is one block with
all its FIELDS. The lanes of a block are either one oscillator under LANES different inputs
(blocks are then oscillators) or LANES oscillators of one network (`across`). The loops are
the same; only a sum over oscillators runs over blocks in the first case, and over blocks and
lanes in the second. All rates are given per half step, and so are the slopes k of the stages:
c + k at the middle twice, c + 2 k at the end, and c + (k1 + 2 k2 + 2 k3 + k4)/3 as the answer.
"""

from libc.string cimport memcpy

from .elementary cimport real

cdef enum:
    LANES = 16          # numbers that are worked on side by side
    SPAN = 64           # steps from one check for divergence to the next
    LOOK = 2            # steps from one comparison with the tones to the next

cdef enum:              # the fields of a cell, each of LANES numbers
    RE, IM              # amplitude, between the stages the estimate of it
    BASE_RE, BASE_IM    # the amplitude turned by half a step
    SUM_RE, SUM_IM      # slopes of the stages, then the amplitude but for the last of them
    GROWTH              # a/2
    SATURATION          # b/2
    SHIFT               # N
    TURN                # N p0, and whatever else turns the amplitude without delay
    ROTATE_RE           # exp(-i W h/2)
    ROTATE_IM
    NOISE               # rms of the noise that one step adds to each component
    POWER               # sum of |c|^2 over the steps
    TURNS               # whole turns in the reference frame, anticlockwise
    FIELDS

cdef enum:              # the stages of a step, without and with noise
    FIRST, SECOND, THIRD, FOURTH, NOISY_FIRST, NOISY_SECOND

layout = {
    "lanes": LANES,
    "look": LOOK,
    "fields": FIELDS,
    "RE": RE,
    "IM": IM,
    "GROWTH": GROWTH,
    "SATURATION": SATURATION,
    "SHIFT": SHIFT,
    "TURN": TURN,
    "ROTATE_RE": ROTATE_RE,
    "ROTATE_IM": ROTATE_IM,
    "NOISE": NOISE,
    "POWER": POWER,
    "TURNS": TURNS,
}

cdef enum:              # the parts of a tone, each of LANES numbers
    TONE_RE, TONE_IM    # F_s exp(-i D_s t)
    HALF_RE, HALF_IM    # exp(-i D_s h/2)
    TONE_PARTS          # a pump has the same parts, but one number for all lanes


ctypedef struct Coupling:
    double mean_re      # K_ij for every pair i, j (the diagonal is in GROWTH and TURN)
    double mean_im
    bint listed         # whether single links are listed, too
    bint across         # whether lanes are oscillators
    Py_ssize_t n_used   # how many lanes of the last block are in use


cdef inline void slope(
    const real* cell,
    const real* own,           # IN  the cell that holds the rates of the oscillator
    const real* field,         # IN  (2, LANES) coupling and tones
    Py_ssize_t lane,
    real* slope_re,            # OUT dc/dt without the turn by W, ...
    real* slope_im,
) noexcept nogil:
    """(a/2 - b/2 p) c - i N (p - p0) c + field."""
    cdef real re = cell[RE * LANES + lane]
    cdef real im = cell[IM * LANES + lane]
    cdef real power = re * re + im * im
    cdef real gain = own[GROWTH * LANES + lane] - own[SATURATION * LANES + lane] * power
    cdef real turn = own[TURN * LANES + lane] - own[SHIFT * LANES + lane] * power
    # One product after the other, each with its sum in one instruction.
    slope_re[0] = field[lane] + gain * re
    slope_re[0] -= turn * im
    slope_im[0] = field[LANES + lane] + gain * im
    slope_im[0] += turn * re


cdef inline void settle(
    real* cell, Py_ssize_t lane, real re, real im, real* total
) noexcept nogil:
    """The next estimate of the amplitude, and its share of the mean field."""
    cell[RE * LANES + lane] = re
    cell[IM * LANES + lane] = im
    total[lane] += re
    total[LANES + lane] += im


cdef inline void first_stage(
    real* cell, const real* own, const real* field, real* total
) noexcept nogil:
    cdef Py_ssize_t lane
    cdef real re, im, cos, sin, base_re, base_im, turned_re, turned_im
    cdef real k_re = 0, k_im = 0
    for lane in range(LANES):
        re = cell[RE * LANES + lane]
        im = cell[IM * LANES + lane]
        cos = cell[ROTATE_RE * LANES + lane]
        sin = cell[ROTATE_IM * LANES + lane]
        slope(cell, own, field, lane, &k_re, &k_im)
        base_re = cos * re - sin * im
        base_im = cos * im + sin * re
        turned_re = cos * k_re - sin * k_im
        turned_im = cos * k_im + sin * k_re
        cell[BASE_RE * LANES + lane] = base_re
        cell[BASE_IM * LANES + lane] = base_im
        cell[SUM_RE * LANES + lane] = turned_re
        cell[SUM_IM * LANES + lane] = turned_im
        settle(cell, lane, base_re + turned_re, base_im + turned_im, total)


cdef inline void second_stage(
    real* cell, const real* own, const real* field, real* total
) noexcept nogil:
    cdef Py_ssize_t lane
    cdef real k_re = 0, k_im = 0, two = 2
    for lane in range(LANES):
        slope(cell, own, field, lane, &k_re, &k_im)
        cell[SUM_RE * LANES + lane] += two * k_re
        cell[SUM_IM * LANES + lane] += two * k_im
        settle(
            cell,
            lane,
            cell[BASE_RE * LANES + lane] + k_re,
            cell[BASE_IM * LANES + lane] + k_im,
            total,
        )


cdef inline void third_stage(
    real* cell, const real* own, const real* field, real* total
) noexcept nogil:
    cdef Py_ssize_t lane
    cdef real re, im, cos, sin
    cdef real third = <real> (1.0 / 3.0)
    cdef real k_re = 0, k_im = 0, two = 2
    for lane in range(LANES):
        cos = cell[ROTATE_RE * LANES + lane]
        sin = cell[ROTATE_IM * LANES + lane]
        slope(cell, own, field, lane, &k_re, &k_im)
        re = cell[SUM_RE * LANES + lane] + two * k_re
        im = cell[SUM_IM * LANES + lane] + two * k_im
        re = cell[BASE_RE * LANES + lane] + third * re
        im = cell[BASE_IM * LANES + lane] + third * im
        cell[SUM_RE * LANES + lane] = cos * re - sin * im
        cell[SUM_IM * LANES + lane] = cos * im + sin * re
        re = cell[BASE_RE * LANES + lane] + two * k_re
        im = cell[BASE_IM * LANES + lane] + two * k_im
        settle(cell, lane, cos * re - sin * im, cos * im + sin * re, total)


cdef inline void fourth_stage(
    real* cell, const real* own, const real* field, real* total
) noexcept nogil:
    cdef Py_ssize_t lane
    cdef real third = <real> (1.0 / 3.0)
    cdef real k_re = 0, k_im = 0
    for lane in range(LANES):
        slope(cell, own, field, lane, &k_re, &k_im)
        settle(
            cell,
            lane,
            cell[SUM_RE * LANES + lane] + third * k_re,
            cell[SUM_IM * LANES + lane] + third * k_im,
            total,
        )


cdef inline void noisy_first_stage(
    real* cell, const real* own, const real* field, const real* noise, real* total
) noexcept nogil:
    """Heun's estimate R^2 (c + 2 k) + noise, and the sum R^2 (c + k) + noise."""
    cdef Py_ssize_t lane
    cdef real re, im, cos, sin, cos2, sin2, turned_re, turned_im, kick_re, kick_im
    cdef real k_re = 0, k_im = 0, two = 2
    for lane in range(LANES):
        cos = cell[ROTATE_RE * LANES + lane]
        sin = cell[ROTATE_IM * LANES + lane]
        slope(cell, own, field, lane, &k_re, &k_im)
        re = cell[RE * LANES + lane]
        im = cell[IM * LANES + lane]
        cell[BASE_RE * LANES + lane] = cos * re - sin * im
        cell[BASE_IM * LANES + lane] = cos * im + sin * re
        cos2 = cos * cos - sin * sin
        sin2 = two * cos * sin
        kick_re = (cos2 * re - sin2 * im) + cell[NOISE * LANES + lane] * noise[lane]
        kick_im = (cos2 * im + sin2 * re) + cell[NOISE * LANES + lane] * noise[LANES + lane]
        turned_re = cos2 * k_re - sin2 * k_im
        turned_im = cos2 * k_im + sin2 * k_re
        cell[SUM_RE * LANES + lane] = kick_re + turned_re
        cell[SUM_IM * LANES + lane] = kick_im + turned_im
        settle(cell, lane, kick_re + two * turned_re, kick_im + two * turned_im, total)


cdef inline void noisy_second_stage(
    real* cell, const real* own, const real* field, real* total
) noexcept nogil:
    cdef Py_ssize_t lane
    cdef real k_re = 0, k_im = 0
    for lane in range(LANES):
        slope(cell, own, field, lane, &k_re, &k_im)
        settle(
            cell,
            lane,
            cell[SUM_RE * LANES + lane] + k_re,
            cell[SUM_IM * LANES + lane] + k_im,
            total,
        )


cdef inline void look(real* cell) noexcept nogil:
    """Add to the power, and count the passage of the phase through pi since the last look.

    The base is the amplitude turned by a constant angle, so both wind alike. A step turns
    by less than pi, so the sign of the cross product says which way it went.
    """
    cdef Py_ssize_t lane
    cdef real re, im, base_re, base_im, cross, before, after
    cdef real one = 1, none = 0
    for lane in range(LANES):
        re = cell[RE * LANES + lane]
        im = cell[IM * LANES + lane]
        cell[POWER * LANES + lane] += re * re + im * im
        base_re = cell[ROTATE_RE * LANES + lane] * re - cell[ROTATE_IM * LANES + lane] * im
        base_im = cell[ROTATE_RE * LANES + lane] * im + cell[ROTATE_IM * LANES + lane] * re
        cross = cell[BASE_RE * LANES + lane] * base_im - cell[BASE_IM * LANES + lane] * base_re
        before = one if cell[BASE_IM * LANES + lane] < none else none
        after = one if base_im < none else none
        cell[TURNS * LANES + lane] += (
            after - before if cross * (after - before) > none else none
        )


cdef inline void sum_tones(
    const double* tones,       # IN  (n_tones, TONE_PARTS, LANES)
    Py_ssize_t n_tones,
    double* force,             # OUT (2, LANES)
) noexcept nogil:
    cdef Py_ssize_t tone, lane
    for lane in range(2 * LANES):
        force[lane] = 0
    for tone in range(n_tones):
        for lane in range(2 * LANES):
            force[lane] += tones[tone * TONE_PARTS * LANES + lane]


cdef inline void turn_tones(
    double* tones,             # INOUT (n_tones, TONE_PARTS, LANES)
    Py_ssize_t n_tones,
    double* force,             # OUT   (2, LANES) their sum half a step later
) noexcept nogil:
    cdef Py_ssize_t tone
    if n_tones > 0:
        turn_tone(tones, force, True)
    for tone in range(1, n_tones):
        turn_tone(&tones[tone * TONE_PARTS * LANES], force, False)


cdef inline void turn_tone(double* tone, double* force, bint alone) noexcept nogil:
    cdef Py_ssize_t lane
    cdef double re, im
    for lane in range(LANES):
        re = tone[lane] * tone[HALF_RE * LANES + lane] - (
            tone[LANES + lane] * tone[HALF_IM * LANES + lane]
        )
        im = tone[lane] * tone[HALF_IM * LANES + lane] + (
            tone[LANES + lane] * tone[HALF_RE * LANES + lane]
        )
        tone[lane] = re
        tone[LANES + lane] = im
        force[lane] = re if alone else force[lane] + re
        force[LANES + lane] = im if alone else force[LANES + lane] + im


cdef inline void correlate(
    const real* cells,         # IN    (n_blocks, FIELDS, LANES)
    Py_ssize_t n_blocks,
    const double* tones,       # IN    (n_tones, TONE_PARTS, LANES)
    Py_ssize_t n_tones,
    double* overlap,           # INOUT (n_blocks, n_tones, 2, LANES) sum of c conj(tone)
) noexcept nogil:
    cdef Py_ssize_t block, tone, lane
    cdef double re, im
    cdef const real* cell
    cdef const double* part
    cdef double* entry
    for block in range(n_blocks):
        cell = &cells[block * FIELDS * LANES]
        for tone in range(n_tones):
            part = &tones[tone * TONE_PARTS * LANES]
            entry = &overlap[(block * n_tones + tone) * 2 * LANES]
            for lane in range(LANES):
                re = cell[RE * LANES + lane]
                im = cell[IM * LANES + lane]
                entry[lane] += re * part[lane] + im * part[LANES + lane]
                entry[LANES + lane] += im * part[lane] - re * part[LANES + lane]


cdef inline void couple(
    real* last,                # INOUT (FIELDS, LANES) last block; unused lanes are emptied
    const Coupling coupling,
    const double* force,       # IN    (2, LANES)
    real* total,               # INOUT (2, LANES) sum of the amplitudes, then 0
    real* field,               # OUT   (2, LANES)
) noexcept nogil:
    """What all oscillators feel: tones and mean field."""
    cdef Py_ssize_t lane
    cdef real sum_re, sum_im, spare_re, spare_im, none = 0
    cdef real mean_re = <real> coupling.mean_re, mean_im = <real> coupling.mean_im
    if coupling.across:
        for lane in range(LANES):
            spare_re = last[RE * LANES + lane] if lane >= coupling.n_used else none
            spare_im = last[IM * LANES + lane] if lane >= coupling.n_used else none
            total[lane] -= spare_re
            total[LANES + lane] -= spare_im
            last[RE * LANES + lane] -= spare_re
            last[IM * LANES + lane] -= spare_im
        for lane in range(LANES // 2):
            total[lane] += total[LANES // 2 + lane]
            total[LANES + lane] += total[LANES + LANES // 2 + lane]
        for lane in range(LANES // 4):
            total[lane] += total[LANES // 4 + lane]
            total[LANES + lane] += total[LANES + LANES // 4 + lane]
        sum_re = 0
        sum_im = 0
        for lane in range(LANES // 4):
            sum_re += total[lane]
            sum_im += total[LANES + lane]
        for lane in range(LANES):
            total[lane] = sum_re
            total[LANES + lane] = sum_im
    for lane in range(LANES):
        field[lane] = <real> force[lane] + (
            mean_re * total[lane] - mean_im * total[LANES + lane]
        )
        field[LANES + lane] = <real> force[LANES + lane] + (
            mean_re * total[LANES + lane] + mean_im * total[lane]
        )
    for lane in range(2 * LANES):
        total[lane] -= total[lane]         # a plain 0 would become a slow call


cdef void link(
    const real* cells,         # IN  (n_blocks, FIELDS, LANES)
    bint across,
    const Py_ssize_t[::1] first_link,  # IN (n_oscillators + 1,)
    const Py_ssize_t[::1] source,      # IN (n_links,)
    const real[:, ::1] strength,       # IN (n_links, 2)
    real* felt,                # INOUT (n_blocks, 2, LANES) what all feel, and now each
) noexcept nogil:
    """What single oscillators feel: links."""
    cdef Py_ssize_t i, k, other
    cdef const real* cell
    cdef real* mine
    for i in range(first_link.shape[0] - 1):
        for k in range(first_link[i], first_link[i + 1]):
            other = source[k]
            if across:
                cell = &cells[(other // LANES) * FIELDS * LANES + other % LANES]
                mine = &felt[(i // LANES) * 2 * LANES + i % LANES]
                mine[0] += strength[k, 0] * cell[0] - strength[k, 1] * cell[LANES]
                mine[LANES] += strength[k, 0] * cell[LANES] + strength[k, 1] * cell[0]
            else:
                add_link(
                    &cells[other * FIELDS * LANES],
                    strength[k, 0],
                    strength[k, 1],
                    &felt[i * 2 * LANES],
                )


cdef inline void add_link(
    const real* cell, real strength_re, real strength_im, real* felt
) noexcept nogil:
    cdef Py_ssize_t lane
    for lane in range(LANES):
        felt[lane] += strength_re * cell[lane] - strength_im * cell[LANES + lane]
        felt[LANES + lane] += strength_re * cell[LANES + lane] + strength_im * cell[lane]


cdef inline void turn_pump(
    int stage,
    double* pump,              # INOUT (TONE_PARTS,)
) noexcept nogil:
    """Turn the pump to the instant of this stage, as `advance_tones` does with tones."""
    cdef int _half_step, n_half_steps = 0
    cdef double re
    if stage == SECOND or stage == FOURTH:
        n_half_steps = 1
    elif stage == NOISY_SECOND:
        n_half_steps = 2
    for _half_step in range(n_half_steps):
        re = pump[TONE_RE] * pump[HALF_RE] - pump[TONE_IM] * pump[HALF_IM]
        pump[TONE_IM] = pump[TONE_RE] * pump[HALF_IM] + pump[TONE_IM] * pump[HALF_RE]
        pump[TONE_RE] = re


cdef inline void add_pump(
    const real* cells,         # IN    (n_blocks, FIELDS, LANES)
    Py_ssize_t n_blocks,
    const double* pump,        # IN    (TONE_PARTS,)
    real* felt,                # INOUT (n_blocks, 2, LANES)
) noexcept nogil:
    """What the pump does to each oscillator: V exp(-i D t) conj(c)."""
    cdef Py_ssize_t block, lane
    cdef real re, im
    cdef real pump_re = <real> pump[TONE_RE], pump_im = <real> pump[TONE_IM]
    cdef const real* cell
    cdef real* mine
    for block in range(n_blocks):
        cell = &cells[block * FIELDS * LANES]
        mine = &felt[block * 2 * LANES]
        for lane in range(LANES):
            re = cell[RE * LANES + lane]
            im = cell[IM * LANES + lane]
            mine[lane] += pump_re * re + pump_im * im
            mine[LANES + lane] += pump_im * re - pump_re * im


cdef bint all_finite(const real* cells, Py_ssize_t n_blocks) noexcept nogil:
    cdef Py_ssize_t block, lane
    cdef real[LANES] check
    cdef real total = 0
    for lane in range(LANES):
        check[lane] = 0
    for block in range(n_blocks):
        for lane in range(LANES):
            check[lane] += (
                cells[block * FIELDS * LANES + lane]
                + cells[(block * FIELDS + IM) * LANES + lane]
            )
    for lane in range(LANES):
        total += check[lane] - check[lane]
    return total == 0


cdef inline void sum_amplitudes(
    const real* cells,         # IN  (n_blocks, FIELDS, LANES)
    Py_ssize_t n_blocks,
    real* total,               # OUT (2, LANES)
) noexcept nogil:
    """The mean field before the first stage, times the number of oscillators."""
    cdef Py_ssize_t block, lane
    for lane in range(2 * LANES):
        total[lane] = 0
    for block in range(n_blocks):
        for lane in range(2 * LANES):
            total[lane] += cells[block * FIELDS * LANES + lane]


cdef inline void advance_tones(
    int stage,
    double* tones,             # INOUT (n_tones, TONE_PARTS, LANES)
    Py_ssize_t n_tones,
    double* force,             # OUT   (2, LANES) their sum
) noexcept nogil:
    """Turn the tones to the instant of this stage: middle and end of the step."""
    if stage == SECOND or stage == FOURTH or stage == NOISY_SECOND:
        turn_tones(tones, n_tones, force)
        if stage == NOISY_SECOND:
            turn_tones(tones, n_tones, force)


cdef inline void spread_field(
    const real* field,         # IN  (2, LANES)
    Py_ssize_t n_blocks,
    real* felt,                # OUT (n_blocks, 2, LANES)
) noexcept nogil:
    """Let every block feel what all feel, before its links and the pump are added."""
    cdef Py_ssize_t block, lane
    for block in range(n_blocks):
        for lane in range(2 * LANES):
            felt[block * 2 * LANES + lane] = field[lane]


cdef inline void take_stage_of(
    int stage,
    real* cell,
    const real* own,           # IN    the cell that holds its rates
    const real* field,         # IN    (2, LANES)
    const real* noise,         # IN    (2, LANES), or NULL without
    real* total,               # INOUT (2, LANES) sum of the new amplitudes
) noexcept nogil:
    """One stage of a step for one block."""
    if stage == FIRST:
        first_stage(cell, own, field, total)
    elif stage == SECOND:
        second_stage(cell, own, field, total)
    elif stage == THIRD:
        third_stage(cell, own, field, total)
    elif stage == FOURTH:
        fourth_stage(cell, own, field, total)
    elif stage == NOISY_FIRST:
        noisy_first_stage(cell, own, field, noise, total)
    else:
        noisy_second_stage(cell, own, field, total)


cdef inline void take_stage(
    int stage,
    real* cells,               # INOUT (n_blocks, FIELDS, LANES)
    Py_ssize_t n_blocks,
    const real* shared,        # IN    (FIELDS, LANES) rates of all blocks; on the stack, too
    bint alike,                # whether the blocks have these rates, or each its own
    const real* felt,          # IN    (n_blocks, 2, LANES), or NULL: all feel the same
    const real* noise,         # IN    (n_blocks, 2, LANES), or NULL without
    real* field,               # IN    (2, LANES), working memory unless `felt` is NULL
    real* total,               # INOUT (2, LANES) sum of the new amplitudes
) noexcept nogil:
    """One stage of a step for all blocks."""
    cdef Py_ssize_t block, lane
    cdef real* cell
    cdef const real* kicks = NULL
    for block in range(n_blocks):
        cell = cells + block * FIELDS * LANES
        if felt != NULL:
            for lane in range(2 * LANES):
                field[lane] = felt[block * 2 * LANES + lane]
        if noise != NULL:
            kicks = noise + block * 2 * LANES
        if alike:
            take_stage_of(stage, cell, shared, field, kicks, total)
        else:
            take_stage_of(stage, cell, cell, field, kicks, total)


cdef bint have_one_rate(
    const real* cells,         # IN  (n_blocks, FIELDS, LANES)
    Py_ssize_t n_blocks,
    const Coupling coupling,
    Py_ssize_t rate,           # GROWTH, SATURATION, SHIFT or TURN
) noexcept nogil:
    """Whether all blocks have a rate of the first one, so that it is read once for all."""
    cdef Py_ssize_t block, lane, n_used = LANES
    for block in range(1, n_blocks):
        if coupling.across and block == n_blocks - 1:
            n_used = coupling.n_used
        for lane in range(n_used):
            if (
                cells[(block * FIELDS + rate) * LANES + lane]
                != cells[rate * LANES + lane]
            ):
                return False
    return True


cdef inline void write_record(
    const real* cells,         # IN  (n_blocks, FIELDS, LANES)
    Py_ssize_t n_blocks,
    real* record,              # OUT (n_blocks, 2, LANES)
) noexcept nogil:
    """Keep the amplitudes of this instant."""
    cdef Py_ssize_t block, lane
    for block in range(n_blocks):
        for lane in range(2 * LANES):
            record[block * 2 * LANES + lane] = cells[block * FIELDS * LANES + lane]


def integrate(
    real[:, :, :, ::1] cells,           # INOUT (n_groups, n_blocks, FIELDS, LANES)
    double[:, :, :, ::1] tones,         # INOUT (n_groups, n_tones, TONE_PARTS, LANES)
    double[:, ::1] pump,                # INOUT (n_groups, TONE_PARTS), or (0, TONE_PARTS)
    Coupling coupling,
    const Py_ssize_t[::1] first_link,   # IN    (n_oscillators + 1,) where its links begin
    const Py_ssize_t[::1] source,       # IN    (n_links,) the oscillator that is felt
    const real[:, ::1] strength,        # IN    (n_links, 2) K_ij, real and imaginary
    Py_ssize_t n_steps,
    const real[:, :, :, :, ::1] noise,  # IN    (n_groups, n_steps, n_blocks, 2, LANES) or (0,)
    bint measure,                       # whether POWER, TURNS and overlap are added to
    double[:, :, :, :, ::1] overlap,    # INOUT (n_groups, n_blocks, n_tones, 2, LANES)
    real[:, :, :, :, ::1] record,       # OUT   (n_groups, n_records, n_blocks, 2, LANES)
    Py_ssize_t steps_per_record,
    real[:, :, ::1] felt,               # (n_blocks, 2, LANES) memory for links and pump
    Py_ssize_t[::1] failed,             # OUT   (n_groups,) step of divergence, or -1
):
    """Follow every group for n_steps; the state stays in `cells`, `tones` and `pump`."""
    cdef Py_ssize_t group, step, block, n_blocks = cells.shape[1]
    cdef Py_ssize_t n_tones = tones.shape[1]
    cdef bint noisy = noise.shape[0] > 0, pumped = pump.shape[0] > 0
    cdef int stage
    cdef int begin = NOISY_FIRST if noisy else FIRST, end = begin + (2 if noisy else 4)
    cdef real* first
    cdef real* last
    cdef real* apart = &felt[0, 0, 0] if coupling.listed or pumped else NULL
    cdef const real* kicks = NULL
    cdef double* tone
    cdef double[2 * LANES] force
    # On the stack, so that the compiler knows that nothing else points there.
    cdef real[2 * LANES] total
    cdef real[2 * LANES] field
    cdef real[FIELDS * LANES] shared
    cdef bint alike
    with nogil:
        for group in range(cells.shape[0]):
            failed[group] = -1
            first = &cells[group, 0, 0, 0]
            last = &cells[group, n_blocks - 1, 0, 0]
            tone = &tones[group, 0, 0, 0] if n_tones > 0 else NULL
            sum_tones(tone, n_tones, force)
            sum_amplitudes(first, n_blocks, total)
            memcpy(shared, first, sizeof(shared))
            alike = (
                have_one_rate(first, n_blocks, coupling, GROWTH)
                and have_one_rate(first, n_blocks, coupling, SATURATION)
                and have_one_rate(first, n_blocks, coupling, SHIFT)
                and have_one_rate(first, n_blocks, coupling, TURN)
            )
            for step in range(n_steps):
                if noisy:
                    kicks = &noise[group, step, 0, 0, 0]
                for stage in range(begin, end):
                    advance_tones(stage, tone, n_tones, force)
                    couple(last, coupling, force, total, field)
                    if apart != NULL:
                        spread_field(field, n_blocks, apart)
                    if coupling.listed:
                        link(first, coupling.across, first_link, source, strength, apart)
                    if pumped:
                        turn_pump(stage, &pump[group, 0])
                        add_pump(first, n_blocks, &pump[group, 0], apart)
                    take_stage(
                        stage, first, n_blocks, shared, alike, apart, kicks, field, total
                    )
                if measure:
                    for block in range(n_blocks):
                        look(first + block * FIELDS * LANES)
                    if (step + 1) % LOOK == 0 and overlap.shape[2] > 0:
                        correlate(
                            first, n_blocks, tone, n_tones, &overlap[group, 0, 0, 0, 0]
                        )
                if record.shape[1] > 0 and (step + 1) % steps_per_record == 0:
                    write_record(
                        first, n_blocks,
                        &record[group, (step + 1) // steps_per_record - 1, 0, 0, 0],
                    )
                if (step + 1) % SPAN == 0 or step == n_steps - 1:
                    if not all_finite(first, n_blocks):
                        failed[group] = step
                        break
