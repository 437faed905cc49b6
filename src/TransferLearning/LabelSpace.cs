namespace TransferLearning;

/// <summary>What labels mean: one of a number of classes, or real values.</summary>
public readonly record struct LabelSpace
{
    private LabelSpace(bool isClasses, long width) => (IsClasses, Width) = (isClasses, width);

    /// <summary>True for classes, false for values.</summary>
    public bool IsClasses { get; }

    /// <summary>The number of classes, or of values a row: the width of a predictor's output.</summary>
    public long Width { get; }

    /// <summary>Labels that are class numbers <c>0 ... count - 1</c>.</summary>
    public static LabelSpace Classes(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new LabelSpace(isClasses: true, count);
    }

    /// <summary>Labels that are real values, <paramref name="width"/> a row.</summary>
    public static LabelSpace Values(long width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new LabelSpace(isClasses: false, width);
    }

    /// <inheritdoc />
    public override string ToString() => IsClasses ? $"{Width} classes" : $"{Width} value(s) a row";
}
