"""What stands below a table of faults?"""

NOTES = {
    "oscillator": "oscillator: the reservoir of one oscillator.",
    "control": "control: the same without the oscillator, or without diodes, in software.",
    "echo-state": "echo-state: as many tanh units that hear each other, with the same input "
    "and readout; nobody hears a dead unit.",
    "mlp": "mlp: a perceptron with as many hidden units. These are what is dead, and "
    "the weights of its output layer are what is stored.",
    "network-search": "network-search: four oscillators and two sources.",
    "network-search-5": "network-search-5: five oscillators in the place of four, with the "
    "same sources.",
    "network-search-6": "network-search-6: six oscillators.",
    "network-search-8": "network-search-8: eight oscillators.",
    "network-search-10": "network-search-10: ten oscillators, four sources and a linear "
    "readout.",
    "layers": "layers: spin diodes and oscillators.",
}
PROTOCOL_NOTES = {
    "after": "after: the fault comes after training, and nothing is done about it.",
    "before": "before: the fault comes first. The readout of a reservoir is learned from all "
    "training samples through the faulty devices; layers and the perceptron learn on for "
    "five passes; oscillators that lock are repaired from all training samples.",
    "repaired": "repaired: the fault comes after training. Dead or stuck nodes are left out, "
    "without examples; a threshold is followed by currents from one measured curve of 240 "
    "points with errors of 2 %; biases of layers are set anew from unlabelled examples; "
    "oscillators that lock are tuned by labelled examples; for any other fault, and where "
    "the readout of such oscillators is linear, the readout is learned again from them. Of "
    "a perceptron dead units count as their mean, and for other faults it learns on from "
    "the examples for five passes.",
    "refitted": "refitted: the fault comes after training, and the readout is learned again "
    "from labelled examples, whatever the fault is. A perceptron learns on from them for "
    "five passes.",
}
TRAINED_NOTE = (
    "drawn-faults: the readout was trained over {n} copies of the devices at once. Each has "
    "a fault that was drawn for it, one of them none; a drift has sizes between both ends. "
    "The severity of these faults is {severity}."
)
ERROR_NOTE = (
    "nrmse: the rms error over the spread of the target, on the test series; less is better. "
    "A point is 0.01 of it, and N-lost means that it has risen by N points."
)
