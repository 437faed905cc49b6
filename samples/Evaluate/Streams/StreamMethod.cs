using TransferLearning;
using TransferLearning.Evaluation;

namespace Evaluate.Streams;

/// <summary>A way to learn domains that come one after the other.</summary>
/// <param name="Name">Its name in the table, without commas.</param>
/// <param name="Run">Learns the domains in their order, and is judged on all of them after each.</param>
internal sealed record StreamMethod(
    string Name,
    Func<IReadOnlyList<LabeledDomain>, FitOptions, CancellationToken, StreamResult> Run
);
