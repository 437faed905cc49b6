"""The side of NumPy, SciPy, cvxopt and POT: kernel mean matching, transfer component analysis, optimal transport."""
import time

import cvxopt
import numpy
import ot
import scipy.linalg

FEATURES, COMPONENTS, SIZES, TRANSPORT_SIZES = 20, 10, (500, 1000, 2000), (500, 2000, 5000)


def timed(work):
    """A job of one unit: milliseconds of one call."""

    def run():
        start = time.perf_counter()
        work()
        return (time.perf_counter() - start) * 1e3

    return run


def domains(source, target):
    random = numpy.random.default_rng(0)
    return random.standard_normal((source, FEATURES)), random.standard_normal((target, FEATURES)) * 0.9 + 0.3


def gaussian(first, second):
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1)[None, :] - 2 * first @ second.T
    return numpy.exp(-numpy.maximum(squares, 0) / FEATURES)


def kernel_mean_matching(count, bound=1000.0):
    source, target = domains(count, count)
    tolerance = (numpy.sqrt(count) - 1) / numpy.sqrt(count)

    def solve():
        kernel = gaussian(source, source)
        kernel = (kernel + kernel.T) / 2
        pull = -gaussian(source, target).sum(1) * len(source) / len(target)
        ones, eye = numpy.ones((1, count)), numpy.eye(count)
        limits = numpy.vstack([ones, -ones, eye, -eye])
        levels = numpy.concatenate(
            [[count * (tolerance + 1), count * (tolerance - 1)], numpy.full(count, bound), numpy.zeros(count)]
        )
        cvxopt.solvers.options["show_progress"] = False
        answer = cvxopt.solvers.qp(*map(cvxopt.matrix, (kernel, pull, limits, levels)))
        return numpy.array(answer["x"]).ravel()

    return timed(solve)


def transfer_components(count, mu=1.0, kernel_of=lambda rows: rows @ rows.T):
    half = count // 2
    source, target = domains(half, count - half)

    def solve():
        rows = numpy.vstack([source, target])
        kernel = kernel_of(rows)
        sides = numpy.concatenate([numpy.full(half, 1 / half), numpy.full(count - half, -1 / (count - half))])
        means = kernel @ sides
        gap = numpy.outer(means, means) + mu * numpy.eye(count)
        scatter = kernel @ (kernel - kernel.mean(0))
        _, maps = scipy.linalg.eigh(
            (scatter + scatter.T) / 2, gap, subset_by_index=[count - COMPONENTS, count - 1]
        )
        return kernel @ maps

    return timed(solve)


def transport(count, plan):
    source, target = domains(count, count)
    mass = numpy.full(count, 1 / count)
    return timed(lambda: plan(mass, mass, ot.dist(source, target)))


def exact(first, second, cost):
    return ot.emd(first, second, cost, numItermax=10_000_000)


def entropic(first, second, cost):
    return ot.sinkhorn(first, second, cost, reg=5, numItermax=10_000, stopThr=1e-9)


JOBS = {
    **{f"kmm-{count}": lambda count=count: kernel_mean_matching(count) for count in SIZES},
    **{f"tca-{count}": lambda count=count: transfer_components(count) for count in SIZES},
    "tca-gaussian-4000": lambda: transfer_components(4000, kernel_of=lambda rows: gaussian(rows, rows)),
    **{f"emd-{count}": lambda count=count: transport(count, exact) for count in TRANSPORT_SIZES},
    **{f"sinkhorn-{count}": lambda count=count: transport(count, entropic) for count in TRANSPORT_SIZES},
}
