using TransferLearning.Predictors;

namespace TransferLearning.Network;

/// <summary>
/// The mixed forest (MIX): the trees of <see cref="StructureExpansionReduction"/> and those of
/// <see cref="StructureTransfer"/> as one forest of twice as many.
/// </summary>
/// <remarks>
/// Segev, Harel, Mannor, Crammer and El-Yaniv 2017, "Learn on Source, Refine on Target", IEEE TPAMI 39. The rows of the
/// first forest are not needed. On the CPU.
/// </remarks>
/// <param name="Start">The forest of the other domain; the caller keeps it.</param>
public sealed record MixedForest(ForestPredictor Start) : ILabelLearner
{
    /// <summary>The forest of the other domain.</summary>
    public ForestPredictor Start { get; } = Start ?? throw new ArgumentNullException(nameof(Start));

    /// <summary>Refines every tree in both ways.</summary>
    /// <param name="data">Labeled rows of the same features and classes as the first forest's.</param>
    /// <returns>A <see cref="ForestPredictor"/>; dispose it.</returns>
    /// <exception cref="ArgumentException">Other features or classes, or values instead of classes.</exception>
    public ILabelPredictor Fit(LabeledDomain data) =>
        TargetRows.Refine(Start, data, StructureExpansionReduction.Refine, StructureTransfer.Refine);
}
