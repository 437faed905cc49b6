namespace TransferLearning.Tabular;

/// <summary>
/// What an encoder learned of one column: its categories, or the number that fills its missing cells.
/// </summary>
/// <param name="Name">The column.</param>
/// <param name="Fill">For numbers, what a missing cell becomes; null where missing cells are refused.</param>
/// <param name="Categories">For categories, their names in the order of the features; null for numbers.</param>
/// <param name="HasMissing">Whether a missing cell is a category of its own, after the others.</param>
internal sealed record FeatureColumn(
    string Name,
    double? Fill = null,
    IReadOnlyList<string>? Categories = null,
    bool HasMissing = false
)
{
    public int Width => Categories is null ? 1 : Categories.Count + (HasMissing ? 1 : 0);

    /// <summary>The features' names.</summary>
    public IEnumerable<string> Features =>
        Categories is null ? [Name]
        : HasMissing ? Categories.Append("(missing)").Select(NameOf)
        : Categories.Select(NameOf);

    private string NameOf(string category) => $"{Name}={category}";
}
