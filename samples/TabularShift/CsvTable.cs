using System.Globalization;
using TransferLearning;
using static TorchSharp.torch;

namespace TabularShift;

/// <summary>Reads a table of numbers whose last column is a class, under one line of names.</summary>
internal static class CsvTable
{
    /// <summary>The rows as float64 <c>[n, columns - 1]</c>, the last column as labels.</summary>
    /// <exception cref="InvalidDataException">A line has another number of columns than the first.</exception>
    public static LabeledDomain Read(string path)
    {
        var lines = File.ReadAllLines(path);
        var columns = lines[0].Split(',').Length;
        var values = lines.Skip(1).SelectMany((line, row) => Cells(line, columns, $"{path}, line {row + 2}")).ToArray();
        using var table = tensor(values, [lines.Length - 1, columns], float64);
        return new LabeledDomain(table.narrow(1, 0, columns - 1).contiguous(), table.select(1, columns - 1).to(int64));
    }

    private static double[] Cells(string line, int columns, string place)
    {
        var cells = line.Split(',');
        return cells.Length == columns
            ? Array.ConvertAll(cells, cell => double.Parse(cell, CultureInfo.InvariantCulture))
            : throw new InvalidDataException($"{place}: expected {columns} columns, found {cells.Length}.");
    }
}
