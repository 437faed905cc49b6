namespace TransferLearning;

/// <summary>Names a domain of a run: one of the sources, by number, or the target.</summary>
public readonly record struct DomainId
{
    private readonly int number; // 0 is the target, so that the default value is a sensible domain to predict for

    private DomainId(int number) => this.number = number;

    /// <summary>The target domain.</summary>
    public static DomainId Target => default;

    /// <summary>True for the target domain.</summary>
    public bool IsTarget => number == 0;

    /// <summary>The number of the source, from 0; -1 for the target.</summary>
    public int SourceIndex => number - 1;

    /// <summary>A source domain by its place in the list of sources.</summary>
    /// <param name="index">The place, from 0.</param>
    public static DomainId Source(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new DomainId(index + 1);
    }

    /// <inheritdoc />
    public override string ToString() => IsTarget ? "target" : $"source {SourceIndex}";
}
