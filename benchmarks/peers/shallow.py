"""The side of NumPy, SciPy, scikit-learn, cvxopt and POT: the shallow methods."""
import time

import cvxopt
import numpy
import ot
import scipy.linalg
from sklearn.neighbors import KNeighborsClassifier

FEATURES, COMPONENTS, SIZES, OTHER_SIZES = 20, 10, (500, 1000, 2000, 5000), (500, 2000, 5000)


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


def gaussian(first, second, width=FEATURES):
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1)[None, :] - 2 * first @ second.T
    return numpy.exp(-numpy.maximum(squares, 0) / width)


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


def joint_adaptation(count, ridge=1.0, rounds=10):
    half = count // 2
    source, target = domains(half, count - half)
    labels = (source[:, 0] > 0).astype(int)

    def solve():
        rows = numpy.vstack([source, target])
        centered = rows - rows.mean(0)
        scatter = centered.T @ centered
        gap = numpy.concatenate([numpy.full(half, 1 / half), numpy.full(count - half, -1 / (count - half))])
        pseudo = None
        for _ in range(rounds):
            gaps = [gap]
            if pseudo is not None:
                for kind in range(2):
                    mine, theirs = labels == kind, pseudo == kind
                    if mine.any() and theirs.any():
                        gaps.append(numpy.concatenate([mine / mine.sum(), -(theirs / theirs.sum())]))
            gaps = numpy.array(gaps).T
            pulls = rows.T @ gaps / numpy.sqrt(numpy.linalg.norm(gaps.T @ gaps))
            apart = pulls @ pulls.T + ridge * numpy.eye(FEATURES)
            _, maps = scipy.linalg.eigh(scatter, apart, subset_by_index=[FEATURES - COMPONENTS, FEATURES - 1])
            mapped = rows @ (maps / numpy.linalg.norm(maps, axis=0))
            mapped /= numpy.linalg.norm(mapped, axis=1, keepdims=True)
            nearest = KNeighborsClassifier(1, algorithm="brute").fit(mapped[:half], labels)
            pseudo = nearest.predict(mapped[half:])
        return maps

    return timed(solve)


def least_squares_importance(count, centers=100):
    """The leave-one-out error in the closed form of Kanamori, Hido and Sugiyama's own program."""
    source, target = domains(count, count)
    order = numpy.random.default_rng(1)

    def solve():
        chosen = target[order.permutation(count)[:centers]]
        best = (numpy.inf, None)
        for power in range(-4, 5):
            a, b = (gaussian(rows, chosen, FEATURES / 2.0**power).T for rows in (source, target))
            matrix, mean = a @ a.T / count, b.mean(1)
            for penalty in (0.001, 0.01, 0.1, 1, 10):
                wide = matrix + penalty * (count - 1) / count * numpy.eye(centers)
                solved = numpy.linalg.solve(wide, numpy.hstack([a, b, mean[:, None]]))
                of_a, of_b, of_mean = solved[:, :count], solved[:, count:-1], solved[:, -1:]
                rest = count - (a * of_a).sum(0)
                first = of_mean + of_a * ((a.T @ of_mean).T / rest)
                second = of_b + of_a * ((a * of_b).sum(0) / rest)
                theta = numpy.maximum(0, (count * first - second) * (count - 1) / (count * (count - 1)))
                error = ((a * theta).sum(0) ** 2).mean() / 2 - (b * theta).sum(0).mean()
                if error < best[0]:
                    best = (error, (matrix, mean, penalty))
        matrix, mean, penalty = best[1]
        return numpy.maximum(0, numpy.linalg.solve(matrix + penalty * numpy.eye(centers), mean))

    return timed(solve)


def transport(count, plan):
    source, target = domains(count, count)
    mass = numpy.full(count, 1 / count)
    return timed(lambda: plan(mass, mass, ot.dist(source, target)))


def exact(first, second, cost):
    return ot.emd(first, second, cost, numItermax=10_000_000)


def entropic(first, second, cost):
    return ot.sinkhorn(first, second, cost, reg=5, numItermax=10_000, stopThr=1e-9)


# The sizes that are measured, and what makes a job of any size.
JOBS = {
    "kmm": (SIZES, kernel_mean_matching),
    "tca": (SIZES, transfer_components),
    "jda": (OTHER_SIZES, joint_adaptation),
    "ulsif": (OTHER_SIZES, least_squares_importance),
    "tca-gaussian": ((4000,), lambda count: transfer_components(count, kernel_of=lambda rows: gaussian(rows, rows))),
    "emd": (OTHER_SIZES, lambda count: transport(count, exact)),
    "sinkhorn": (OTHER_SIZES, lambda count: transport(count, entropic)),
}
