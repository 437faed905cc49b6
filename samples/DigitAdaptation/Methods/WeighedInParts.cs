using TransferLearning;
using static TorchSharp.torch;

namespace DigitAdaptation.Methods;

/// <summary>
/// A weighting whose cost grows with the cube of the source's rows, applied to one part of them after another: each
/// part is matched to the whole target (Miao, Farahat and Kamel 2015, "Ensemble Kernel Mean Matching").
/// </summary>
/// <param name="weighting">The weighting.</param>
/// <param name="rows">The rows of one part.</param>
internal sealed class WeighedInParts(IInstanceWeighting weighting, int rows) : IInstanceWeighting
{
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        for (var start = 0L; start < source.Count; start += rows)
        {
            var count = Math.Min(rows, source.Count - start);
            var (inputs, labels) = (source.Inputs.narrow(0, start, count), source.Labels.narrow(0, start, count));
            parts.Add(weighting.Weigh(new LabeledDomain(inputs, labels, space: source.Space), target, context));
        }

        return cat(parts).MoveToOuterDisposeScope();
    }
}
