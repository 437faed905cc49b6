namespace TransferLearning;

/// <summary>What labels mean: one of a number of classes, which may have names, or real values.</summary>
public readonly record struct LabelSpace
{
    private readonly string[]? names;

    private LabelSpace(bool isClasses, long width, string[]? names = null) =>
        (IsClasses, Width, this.names) = (isClasses, width, names);

    /// <summary>True for classes, false for values.</summary>
    public bool IsClasses { get; }

    /// <summary>The number of classes, or of values a row: the width of a predictor's output.</summary>
    public long Width { get; }

    /// <summary>The classes' names, by class number; empty where they have none.</summary>
    public IReadOnlyList<string> Names => names ?? [];

    /// <summary>Labels that are class numbers <c>0 ... count - 1</c>.</summary>
    public static LabelSpace Classes(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new LabelSpace(isClasses: true, count);
    }

    /// <summary>
    /// Labels that are class numbers, with a name each. A model keeps the names, in its file as well.
    /// </summary>
    /// <param name="names">The name of class 0, of class 1, and so on.</param>
    /// <exception cref="ArgumentException">There is no name, one is empty, or one stands twice.</exception>
    public static LabelSpace Classes(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        string[] copy = [.. names];
        if (copy.Length == 0 || copy.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException(
                $"every class needs a name; got {copy.Length} name(s), {copy.Count(string.IsNullOrEmpty)} of them "
                    + "empty.",
                nameof(names)
            );
        }
        if (copy.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"two classes have the name '{twice.Key}'.", nameof(names));
        }
        return new LabelSpace(isClasses: true, copy.Length, copy);
    }

    /// <summary>Labels that are real values, <paramref name="width"/> a row.</summary>
    public static LabelSpace Values(long width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new LabelSpace(isClasses: false, width);
    }

    /// <summary>
    /// These classes and one more, the last, for rows that are of none of them: "unknown", where classes have names.
    /// </summary>
    /// <exception cref="InvalidOperationException">The labels are values.</exception>
    public LabelSpace WithUnknown() =>
        !IsClasses ? throw new InvalidOperationException($"an unknown class stands beside classes; these are {this}.")
        : names is null ? Classes(Width + 1)
        : Classes([.. names, "unknown"]);

    /// <summary>Whether both are classes, or values, as many, of the same names.</summary>
    public bool Equals(LabelSpace other) =>
        IsClasses == other.IsClasses
        && Width == other.Width
        && Names.SequenceEqual(other.Names, StringComparer.Ordinal);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(IsClasses, Width, names?[0]);

    /// <inheritdoc />
    public override string ToString() =>
        !IsClasses ? $"{Width} value(s) a row"
        : names is null ? $"{Width} classes"
        : $"{Width} classes ({string.Join(", ", names)})";
}
