namespace TransferLearning;

/// <summary>
/// What labels mean: one of a number of classes, any of a number of labels (multi-label), or real values. Classes and
/// labels may have names.
/// </summary>
public readonly record struct LabelSpace
{
    private readonly Kind kind;
    private readonly string[]? names;

    private LabelSpace(Kind kind, long width, string[]? names = null) =>
        (this.kind, Width, this.names) = (kind, width, names);

    /// <summary>Whether each row is of one class.</summary>
    public bool IsClasses => kind == Kind.Classes;

    /// <summary>Whether each row has any of several labels, none or all included.</summary>
    public bool IsMultiLabel => kind == Kind.MultiLabel;

    /// <summary>Whether labels are real values.</summary>
    public bool IsValues => kind == Kind.Values;

    /// <summary>
    /// The number of classes, of labels, or of values a row: the width of a predictor's output.
    /// </summary>
    public long Width { get; }

    /// <summary>The names of the classes or labels, by number; empty where they have none.</summary>
    public IReadOnlyList<string> Names => names ?? [];

    /// <summary>Labels that are class numbers <c>0 ... count - 1</c>.</summary>
    public static LabelSpace Classes(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new LabelSpace(Kind.Classes, count);
    }

    /// <summary>
    /// Labels that are class numbers, with a name each. A model keeps the names, in its file as well.
    /// </summary>
    /// <param name="names">The name of class 0, of class 1, and so on.</param>
    /// <exception cref="ArgumentException">There is no name, one is empty, or one stands twice.</exception>
    public static LabelSpace Classes(IReadOnlyList<string> names)
    {
        string[] copy = Named(names, "class");
        return new LabelSpace(Kind.Classes, copy.Length, copy);
    }

    /// <summary>
    /// Labels of which a row may have any: rows <c>[n, count]</c> of a floating dtype, 1 for each label that the row
    /// has and 0 for each that it has not.
    /// </summary>
    /// <remarks>
    /// The predictor gives a score for each label by itself, and probabilities need not sum to 1; networks learn them
    /// by <see cref="Objectives.BinaryCrossEntropy"/>. What is of classes refuses such labels; what takes any labels,
    /// or none, works as it does elsewhere.
    /// </remarks>
    public static LabelSpace MultiLabel(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new LabelSpace(Kind.MultiLabel, count);
    }

    /// <summary>
    /// Labels of which a row may have any, with a name each. A model keeps the names, in its file as well.
    /// </summary>
    /// <param name="names">The name of label 0, of label 1, and so on.</param>
    /// <exception cref="ArgumentException">There is no name, one is empty, or one stands twice.</exception>
    public static LabelSpace MultiLabel(IReadOnlyList<string> names)
    {
        string[] copy = Named(names, "label");
        return new LabelSpace(Kind.MultiLabel, copy.Length, copy);
    }

    /// <summary>Labels that are real values, <paramref name="width"/> a row.</summary>
    public static LabelSpace Values(long width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new LabelSpace(Kind.Values, width);
    }

    /// <summary>
    /// These classes and one more, the last, for rows that are of none of them: "unknown", where classes have names.
    /// </summary>
    /// <exception cref="InvalidOperationException">The labels are not classes.</exception>
    public LabelSpace WithUnknown() =>
        !IsClasses ? throw new InvalidOperationException($"an unknown class stands beside classes; these are {this}.")
        : names is null ? Classes(Width + 1)
        : Classes([.. names, "unknown"]);

    /// <summary>Whether both are of one kind, as many, of the same names.</summary>
    public bool Equals(LabelSpace other) =>
        kind == other.kind && Width == other.Width && Names.SequenceEqual(other.Names, StringComparer.Ordinal);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(kind, Width, names?[0]);

    /// <inheritdoc />
    public override string ToString() =>
        (kind, names) switch
        {
            (Kind.Values, _) => $"{Width} value(s) a row",
            (Kind.MultiLabel, null) => $"any of {Width} labels",
            (Kind.MultiLabel, _) => $"any of {Width} labels ({string.Join(", ", names)})",
            (_, null) => $"{Width} classes",
            _ => $"{Width} classes ({string.Join(", ", names)})",
        };

    private static string[] Named(IReadOnlyList<string> names, string what)
    {
        ArgumentNullException.ThrowIfNull(names);
        string[] copy = [.. names];
        if (copy.Length == 0 || copy.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException(
                $"every {what} needs a name; got {copy.Length} name(s), {copy.Count(string.IsNullOrEmpty)} of them "
                    + "empty.",
                nameof(names)
            );
        }
        if (copy.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"two of them have the name '{twice.Key}'.", nameof(names));
        }
        return copy;
    }

    // Values first: they are what the default is.
    private enum Kind
    {
        Values,
        Classes,
        MultiLabel,
    }
}
