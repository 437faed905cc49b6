using TransferLearning;

namespace Evaluate.Guarding;

/// <summary>Two domains on which a guard decides.</summary>
/// <param name="Name">The domains.</param>
/// <param name="Kind">What was done to them.</param>
/// <param name="IsDevelopment">Whether rules are chosen on it; else they are judged on it.</param>
/// <param name="Load">Reads the source, and the target with the labels that judge.</param>
internal sealed record GuardTask(
    string Name,
    string Kind,
    bool IsDevelopment,
    Func<(LabeledDomain Source, LabeledDomain Target)> Load
);
