using Evaluate.Measuring;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>
/// Edible and poisonous mushrooms (UCI): those with a tapering stalk are the source, those with an enlarging one the
/// target, as in Dai 2007. Each letter of each other column is a feature of its own.
/// </summary>
/// <param name="folder">The folder of the data sets.</param>
internal sealed class Mushrooms(string folder)
{
    /// <summary>The task, with a share of the target's rows labeled.</summary>
    public TaskData Read(double labeledShare, int seed)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "tabular", "agaricus-lepiota.data"));
        var stalk = Array.IndexOf(lines[0].Split(", "), "stalk-shape");
        var rows = lines.Skip(1).Where(line => line.Length > 0).Select(line => line.Split(',')).ToList();
        var features = Enumerable
            .Range(1, rows[0].Length - 1)
            .Where(column => column != stalk)
            .SelectMany(column => rows.Select(row => row[column]).Distinct().Select(letter => (column, letter)))
            .ToList();
        var (few, others) = Domain("e").Split((long)(labeledShare * rows.Count(row => row[stalk] == "e")), seed);
        return new TaskData(Domain("t"), others, few);

        LabeledDomain Domain(string shape)
        {
            var some = rows.Where(row => row[stalk] == shape).ToList();
            var values = some.SelectMany(row => features.Select(f => row[f.column] == f.letter ? 1.0 : 0)).ToArray();
            return new LabeledDomain(
                tensor(values).reshape(some.Count, features.Count),
                tensor(some.Select(row => row[0] == "p" ? 1L : 0).ToArray()),
                space: LabelSpace.Classes(2)
            );
        }
    }
}
