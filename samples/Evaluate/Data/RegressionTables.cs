using System.Globalization;
using Evaluate.Measuring;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>Tables of numbers for regression (UCI), cut into parts of which one is the target.</summary>
/// <param name="folder">The folder of the data sets.</param>
internal sealed class RegressionTables(string folder)
{
    private const int LabeledRows = 25;
    private const int AirfoilParts = 3;

    /// <summary>
    /// The noise of airfoils: by a feature's order, two of three parts are the source and the third the target.
    /// </summary>
    /// <param name="feature">The feature that the table is cut by.</param>
    /// <param name="target">Which part is the target, from 0.</param>
    /// <param name="seed">Draws the labeled target rows.</param>
    public TaskData Airfoils(int feature, int target, int seed)
    {
        var rows = Numbers("airfoil_self_noise.dat", columns: 6).OrderBy(row => row[feature]).ToList();
        var (first, end) = (target * rows.Count / AirfoilParts, (target + 1) * rows.Count / AirfoilParts);
        var isTarget = rows.Select((_, i) => i >= first && i < end).ToList();
        return Task(
            rows.Where((_, i) => !isTarget[i]).Select(row => (row[..5], row[5])),
            rows.Where((_, i) => isTarget[i]).Select(row => (row[..5], row[5])),
            seed
        );
    }

    /// <summary>Miles a gallon: American cars are the source, those of another origin the target.</summary>
    /// <param name="origin">The target's origin: 2 for Europe, 3 for Japan.</param>
    /// <param name="seed">Draws the labeled target rows.</param>
    public TaskData Cars(int origin, int seed)
    {
        var rows = Numbers("auto-mpg.data", columns: 8);
        IEnumerable<(double[], double)> From(int place) =>
            rows.Where(row => (int)row[7] == place).Select(row => (row[1..7], row[0]));
        return Task(From(1), From(origin), seed);
    }

    // Rows with a missing number are left out.
    private IEnumerable<double[]> Numbers(string file, int columns) =>
        File.ReadLines(Path.Combine(folder, "tabular", file))
            .Skip(1)
            .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(columns).ToArray())
            .Where(cells => cells.Length == columns && !cells.Contains("?"))
            .Select(cells => Array.ConvertAll(cells, cell => double.Parse(cell, CultureInfo.InvariantCulture)));

    private static TaskData Task(
        IEnumerable<(double[] Inputs, double Value)> source,
        IEnumerable<(double[] Inputs, double Value)> target,
        int seed
    )
    {
        var (few, others) = Domain(target).Split(LabeledRows, seed);
        return new TaskData(Domain(source), others, few);
    }

    private static LabeledDomain Domain(IEnumerable<(double[] Inputs, double Value)> rows)
    {
        var all = rows.ToList();
        return new LabeledDomain(
            tensor(all.SelectMany(row => row.Inputs).ToArray()).reshape(all.Count, -1),
            tensor(all.Select(row => row.Value).ToArray()),
            space: LabelSpace.Values(1)
        );
    }
}
