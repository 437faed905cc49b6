using System.Globalization;
using System.Text;

namespace TransferLearning.Theory;

/// <summary>How far domains lie apart class by class, as a <see cref="ClassConditionalDistance"/> found it.</summary>
public sealed class ClassConditionalReport
{
    internal ClassConditionalReport() { }

    /// <summary>Every class, in the order of their numbers.</summary>
    public IReadOnlyList<ClassDistance> Classes { get; internal init; } = [];

    /// <summary>The distance of all rows, whatever their class.</summary>
    public double Whole { get; internal init; }

    /// <summary>The classes' names; empty where they have none.</summary>
    public IReadOnlyList<string> Names { get; internal init; } = [];

    /// <summary>The mean over the classes that were measured, each counting alike.</summary>
    public double Mean => Classes.Where(it => !double.IsNaN(it.Distance)).Average(it => it.Distance);

    /// <summary>A table of the classes, the farthest first, then the mean and the distance of all rows.</summary>
    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var names = Classes.Select(it => it.Class < Names.Count ? Names[it.Class] : $"class {it.Class}").ToList();
        var width = Math.Max("all rows".Length, names.Max(name => name.Length)) + 2;
        var text = new StringBuilder("class".PadRight(width)).Append("source    target    distance\n");
        var known = Classes.OrderBy(it => double.IsNaN(it.Distance)).ThenByDescending(it => it.Distance);
        foreach (var one in known)
        {
            var distance = double.IsNaN(one.Distance) ? "too few rows" : one.Distance.ToString("G4", culture);
            text.Append(names[one.Class].PadRight(width))
                .Append(culture, $"{one.SourceRows, -10}{one.TargetRows, -10}{distance}\n");
        }
        var (ofSource, ofTarget) = (Classes.Sum(it => it.SourceRows), Classes.Sum(it => it.TargetRows));
        return text.Append("mean".PadRight(width + 20))
            .Append(culture, $"{Mean:G4}\n")
            .Append("all rows".PadRight(width))
            .Append(culture, $"{ofSource, -10}{ofTarget, -10}{Whole:G4}")
            .ToString();
    }
}
